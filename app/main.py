"""The ASGI application: it puts routes, middleware and error handlers together."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, cast

import asyncpg
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app import logs
from app.api import ENDPOINTS, app_pages, demo_accounts, mail_links, mail_pages
from app.background import every
from app.data.batching import QueueFull
from app.data.errors import UnavailableError
from app.http import security_events
from app.http.endpoints import routes
from app.http.middleware import RequestFrame
from app.http.openapi import document
from app.http.pages import Frontend, documentation
from app.http.problems import Problem, busy, from_database, from_http, from_unavailable
from app.http.services import Services
from app.operations import health
from app.settings import Settings

log = structlog.get_logger("marquee")


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[dict[str, Any]]:
    """Open what the process shares; close it when every request is answered."""
    logs.configure()
    _limit_garbage_collection()
    settings = Settings()
    async with Services.open(settings) as services, AsyncExitStack() as background:
        await every.prepare(services.database)
        if settings.background:
            await background.enter_async_context(every.loops(services.database, settings))
        # A separate task, because the database may not answer yet.
        looking = asyncio.create_task(_look_for_demo_accounts(services))
        try:
            yield {"services": services}
        finally:
            looking.cancel()
            await asyncio.wait([looking])


async def _look_for_demo_accounts(services: Services) -> None:
    if not services.settings.demo:
        with suppress(UnavailableError, asyncpg.PostgresError):
            await demo_accounts.warn_of_public_passwords(services)


def _limit_garbage_collection() -> None:
    """Keep the garbage collector from looking at all modules again and again.

    Each run would stop every request for tens of milliseconds. Nearly all objects of a request are
    freed without the collector, so it can run less often.
    """
    if gc.get_freeze_count() == 0:
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000)


def _answer(request: Request, problem: Problem) -> Response:
    security_events.refused(request, problem)
    return problem.response(request)


async def _problem(request: Request, error: Exception) -> Response:
    return _answer(request, cast("Problem", error))


async def _http_problem(request: Request, error: Exception) -> Response:
    return from_http(cast("HTTPException", error)).response(request)


async def _unavailable(request: Request, error: Exception) -> Response:
    return from_unavailable(cast("UnavailableError", error)).response(request)


async def _queue_full(request: Request, error: Exception) -> Response:
    return busy().response(request)


async def _database_problem(request: Request, error: Exception) -> Response:
    problem = from_database(cast("asyncpg.PostgresError", error))
    if problem is None:
        # Without DETAIL, which holds rows.
        log.error(
            "unexpected database error",
            request_id=request.state.request_id,
            sqlstate=getattr(error, "sqlstate", None),
            message=error.args[0] if error.args else "",
        )
        problem = Problem("internal", "The error is logged under this request_id.")
    return _answer(request, problem)


async def _unexpected(request: Request, error: Exception) -> Response:
    # uvicorn writes the traceback; this line says which request it belongs to.
    log.error("unexpected error", request_id=request.state.request_id, error=type(error).__name__)
    return Problem("internal", "The error is logged under this request_id.").response(request)


def create_application() -> RequestFrame:
    """Return the whole application."""
    starlette = Starlette(
        routes=[
            *health.ROUTES,
            *routes(ENDPOINTS),
            *documentation(document(ENDPOINTS)),
            *app_pages.ROUTES,
            *mail_pages.ROUTES,
            *mail_links.ROUTES,
        ],
        exception_handlers={
            Problem: _problem,
            HTTPException: _http_problem,
            UnavailableError: _unavailable,
            QueueFull: _queue_full,
            asyncpg.PostgresError: _database_problem,
            Exception: _unexpected,
        },
        lifespan=lifespan,
    )
    starlette.router.redirect_slashes = False
    starlette.router.default = Frontend()
    return RequestFrame(starlette)


app = create_application()
