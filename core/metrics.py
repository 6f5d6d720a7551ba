"""Figures for Prometheus that several rooms count; `core/api/metrics.py` shows them."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

REGISTRY = CollectorRegistry()
"""Not the library's own: Streamlit imports a file anew when it is edited, and names are given
once.
"""

disable_created_metrics()
ProcessCollector(registry=REGISTRY)  # memory, processor, open files

REQUESTS = Counter("inkling_requests", "Answers", ["method", "route", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "inkling_request_seconds", "Seconds from a request to its answer", ["route"], registry=REGISTRY
)
PREDICTIONS = Counter("inkling_predictions", "Pictures that were read", registry=REGISTRY)
SESSIONS = Gauge("inkling_sessions", "Open screens", registry=REGISTRY)
JOBS = Gauge("inkling_jobs_running", "Long commands under way, runs among them", registry=REGISTRY)
