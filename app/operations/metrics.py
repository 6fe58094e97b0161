"""GET /metrics: what Prometheus reads."""

import asyncio
import math
import os
import secrets

import asyncpg
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from app.data.errors import UnavailableError
from app.http.hosts import is_from_this_machine
from app.http.problems import Problem
from app.metrics import (
    DELIVERIES_WAITING,
    ENDPOINTS_FAILING,
    FACTS_LAG,
    MAILS_GIVEN_UP,
    MAILS_WAITING,
    OLDEST_SNAPSHOT,
)
from app.settings import METRICS_DIRECTORY

FIGURES_SECONDS = 1.0


async def metrics(request: Request) -> Response:
    """Return the metrics to programs on this machine and to anyone who sends the token."""
    if not _may_read(request):
        raise Problem("not-allowed", "Send METRICS_TOKEN, or ask from the machine of the server.")
    OLDEST_SNAPSHOT.set(await _oldest_snapshot(request))
    await _set_background_figures(request)
    registry = REGISTRY
    if METRICS_DIRECTORY in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


async def _oldest_snapshot(request: Request) -> float:
    try:
        async with asyncio.timeout(FIGURES_SECONDS):
            database = request.state.services.database
            seconds: float | None = await database.value("get_oldest_snapshot")
    except (TimeoutError, UnavailableError, asyncpg.PostgresError):
        return math.nan
    return math.nan if seconds is None else seconds


async def _set_background_figures(request: Request) -> None:
    gauges = (
        *(FACTS_LAG, DELIVERIES_WAITING, ENDPOINTS_FAILING),
        *(MAILS_WAITING, MAILS_GIVEN_UP),
    )
    try:
        async with asyncio.timeout(FIGURES_SECONDS):
            found = await request.state.services.database.one("get_background_figures")
    except (TimeoutError, UnavailableError, asyncpg.PostgresError):
        found = (math.nan,) * len(gauges)
    for gauge, figure in zip(gauges, found, strict=True):
        gauge.set(figure)


def _may_read(request: Request) -> bool:
    token = request.state.services.settings.metrics_token
    given = request.headers.get("authorization", "").encode()
    if token and secrets.compare_digest(given, f"Bearer {token.get_secret_value()}".encode()):
        return True
    return is_from_this_machine(request)
