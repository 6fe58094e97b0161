"""Calls for operators: whether a process is alive and ready, and its metrics."""

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.http.problems import Problem
from app.http.services import services_of
from app.operations.metrics import metrics
from app.operations.migrations import known_migrations


async def healthz(request: Request) -> Response:
    """Say that this process is alive: a constant."""
    return Response(b'{"status":"alive"}', media_type="application/json")


async def readyz(request: Request) -> Response:
    """Say whether the database is reachable and has every migration this build knows."""
    try:
        rows = await services_of(request).database.rows("list_migrations")
    except asyncpg.UndefinedTableError:
        rows = []
    missing = known_migrations() - {row["migration_id"] for row in rows}
    if missing:
        raise Problem(
            "database-away",
            f"Migrations are missing: {', '.join(sorted(missing))}. Run `make migrate`.",
            headers={"Retry-After": "5"},
        )
    return Response(b'{"status":"ready"}', media_type="application/json")


ROUTES = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
