# docker build -t inkling .
# docker run --init -p 127.0.0.1:8501:8501 -v inkling:/data inkling
FROM python:3.11-slim-bookworm

# two libraries that OpenCV loads, and a desktop has
RUN apt-get update && apt-get install -y --no-install-recommends libgl1 libglib2.0-0 && rm -rf /var/lib/apt/lists/*

# any user may write here: `--user` and Kubernetes choose one without an entry in /etc/passwd
RUN mkdir -m 1777 /data
VOLUME /data
# Streamlit asks for the user's home folder, and stops without one
ENV INKLING_HOME=/data HOME=/data INKLING_LOGS=json

WORKDIR /inkling
# torch without CUDA: far less to fetch
ENV PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu PIP_NO_CACHE_DIR=1
COPY requirements.txt .
RUN python3 -m venv .venv && .venv/bin/pip install -r requirements.txt
COPY . .

USER 10001
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD [".venv/bin/python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/api/health', timeout=5)"]
# a container is reached from outside only where its server listens on every address; without the
# name of one Streamlit would ask a server elsewhere for its own
CMD [".venv/bin/streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.headless=true", "--browser.serverAddress=localhost"]
