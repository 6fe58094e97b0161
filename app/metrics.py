"""What operators watch: Prometheus metrics, over all API processes of this server.

Each process writes its numbers to a file in PROMETHEUS_MULTIPROC_DIR, which `python -m app` sets;
whichever process is asked adds them up. See https://prometheus.github.io/client_python/multiprocess/.
"""

import asyncio
import math
import os
import secrets

import asyncpg
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from app.origins import is_from_this_machine
from app.problems import Problem

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"

REQUESTS = Histogram(
    "marquee_request_seconds",
    "Time to answer a request.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
BOOKINGS = Counter("marquee_bookings", "Booking requests by what became of them.", ["outcome"])
BATCHES = Histogram(
    "marquee_batch_size",
    "Requests in one batch.",
    ["batch"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 200),
)
WAITING = Gauge(
    "marquee_waiting_requests",
    "Requests waiting for the next batch.",
    ["batch"],
    multiprocess_mode="livesum",
)
CONNECTIONS = Gauge(
    "marquee_database_connections_in_use",
    "Connections of the pools that are running a statement.",
    multiprocess_mode="livesum",
)
COMMITS_HANG = Gauge(
    "marquee_commits_hang",
    "Processes that refuse changes because no commit comes back: is the standby away?",
    multiprocess_mode="livesum",
)
OLDEST_SNAPSHOT = Gauge(
    "marquee_database_oldest_snapshot_seconds",
    "How long the oldest snapshot has been held: sales slow down meanwhile. NaN: not known.",
    multiprocess_mode="mostrecent",
)
SNAPSHOT_SECONDS = 1.0


async def metrics(request: Request) -> Response:
    """Return the metrics, to this machine and to who knows the token."""
    if not _may_read(request):
        raise Problem("not-allowed", "Metrics are for this machine, or with METRICS_TOKEN.")
    OLDEST_SNAPSHOT.set(await _oldest_snapshot(request))
    registry = REGISTRY
    if DIRECTORY in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


async def _oldest_snapshot(request: Request) -> float:
    try:
        async with asyncio.timeout(SNAPSHOT_SECONDS):
            database = request.state.application.database
            seconds: float | None = await database.value("get_oldest_snapshot")
    except (TimeoutError, Problem, asyncpg.PostgresError):
        return math.nan
    return math.nan if seconds is None else seconds


def _may_read(request: Request) -> bool:
    token = request.state.application.settings.metrics_token
    given = request.headers.get("authorization", "").encode()
    if token and secrets.compare_digest(given, f"Bearer {token.get_secret_value()}".encode()):
        return True
    return is_from_this_machine(request)
