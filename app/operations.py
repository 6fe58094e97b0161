"""What operators and clients ask about the installation: health, readiness, configuration."""

import asyncpg
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.application import Application
from app.demo import DemoAccount, accounts
from app.endpoints import application, endpoint
from app.fields import Answer
from app.metrics import metrics
from app.migrations import known_migrations
from app.problems import Problem


class Config(Answer):
    """What a client must know about this installation."""

    currency: str = Field(description="ISO 4217", examples=["EUR"])
    default_region: str = Field(description="Whose phone numbers may be given without +.")
    demo_accounts: list[DemoAccount] = Field(description="Empty outside the demo.")


@endpoint("GET", "/config")
async def get_config(app: Application) -> Config:
    """Return currency, default region and, in the demo, its accounts."""
    return Config(
        currency=app.settings.currency,
        default_region=app.settings.default_region,
        demo_accounts=accounts() if app.settings.demo else [],
    )


async def healthz(request: Request) -> Response:
    """Say that this process is alive: a constant."""
    return Response(b'{"status":"alive"}', media_type="application/json")


async def readyz(request: Request) -> Response:
    """Say whether the database is reachable and has every migration this build knows."""
    try:
        rows = await application(request).database.rows("list_migrations")
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
