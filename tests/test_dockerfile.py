"""The image is made as the README says, and holds what the server needs; no Docker is asked."""

import json
import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

from tests.test_imports import ROOT

LINES = [
    line.split(" ", 1)
    for line in (ROOT / "Dockerfile").read_text().splitlines()
    if line and not line.startswith("#")
]


def given(instruction: str) -> list[str]:
    return [rest for name, rest in LINES if name == instruction]


def test_its_steps_are_those_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    first = next(line for line in readme.splitlines() if line.startswith("python3 -m venv"))
    install = next(line for line in given("RUN") if "pip" in line)
    start = " ".join(word for word in json.loads(given("CMD")[0]) if not word.startswith("--"))
    assert f"{install} && {start}" == first


def test_its_torch_is_that_of_ci() -> None:
    index = re.search(r"PIP_EXTRA_INDEX_URL=(\S+)", given("ENV")[-1])
    ci = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    assert f"PIP_EXTRA_INDEX_URL: {index[1]}\n" in ci


def test_it_runs_as_nobody_that_matters_and_is_asked_whether_it_lives() -> None:
    (user,) = given("USER")
    assert int(user) > 0  # Kubernetes can check only a number against runAsNonRoot
    assert "/api/health" in given("HEALTHCHECK")[0]
    assert "--server.address=0.0.0.0" in given("CMD")[0]


def test_it_holds_the_house_and_nothing_else() -> None:
    """No data, tests or history; whatever is added to the top level has to be let in."""
    rules = (ROOT / ".dockerignore").read_text().split()
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert {"app.py", "core", "pages", "assets", ".streamlit", "requirements.txt"} <= let_in
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    top = {Path(name).parts[0] for name in listed}
    assert let_in <= top
    for name in top - let_in:
        assert name in {"README.md", "Dockerfile", "pyproject.toml", "tests"} or fnmatch(name, ".*")
