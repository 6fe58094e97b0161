"""Sends what is due to webhook endpoints: one task for each endpoint.

An endpoint that hangs delays no other. No transaction is open during a request: a delivery is
claimed for a minute, and is due again when the process dies before it has recorded the answer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

import asyncpg
import httpx2
import structlog

from app.background.loops import described, repeating
from app.background.webhook_requests import new_client, send
from app.data.database import Database
from app.data.errors import UnavailableError

PAUSE_SECONDS = 1.0
RETRY_SECONDS = 10.0
LEASE = timedelta(minutes=1)
# How many endpoints a process sends to at once, and how many deliveries to each.
MOST_ENDPOINTS = 50
MOST_DELIVERIES = 5
# How many statements of this work may use the connections of requests at once.
MOST_STATEMENTS = 1
# How long a process that ends waits for answers. The rest is due again after its lease.
DRAIN_SECONDS = 10.0

log = structlog.get_logger("marquee")


@asynccontextmanager
async def sending(database: Database, *, private_addresses: bool) -> AsyncIterator[None]:
    """Send what is due until the block ends."""
    async with new_client() as client:
        sender = Sender(database, client, private_addresses)
        try:
            async with repeating(
                "sending webhooks",
                sender.begin_due,
                first_pause=PAUSE_SECONDS,
                retry_pause=RETRY_SECONDS,
            ):
                yield
        finally:
            await sender.drain()


class Sender:
    """The tasks of one process, at most one for each endpoint."""

    def __init__(
        self, database: Database, client: httpx2.AsyncClient, private_addresses: bool
    ) -> None:
        self._database = database
        self._client = client
        self._private_addresses = private_addresses
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._statements = asyncio.Semaphore(MOST_STATEMENTS)
        self._ending = False

    async def begin_due(self) -> float:
        """Start a task for each endpoint that has something due and has none yet."""
        free = MOST_ENDPOINTS - len(self._tasks)
        if free > 0:
            async with self._statements:
                due = await self._database.rows(
                    "list_due_webhook_endpoints", busy=list(self._tasks), limit=free
                )
            for row in due:
                endpoint_id = row["endpoint_id"]
                task = asyncio.create_task(self._send_due(endpoint_id))
                self._tasks[endpoint_id] = task
                task.add_done_callback(partial(self._forget, endpoint_id))
        return PAUSE_SECONDS

    def _forget(self, endpoint_id: int, task: asyncio.Task[None]) -> None:
        del self._tasks[endpoint_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("webhook not sent", endpoint_id=endpoint_id, exc_info=error)

    async def drain(self) -> None:
        """Let requests that were begun finish; cancel those that take too long."""
        self._ending = True
        tasks = list(self._tasks.values())
        if not tasks:
            return
        _, pending = await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    async def _send_due(self, endpoint_id: int) -> None:
        try:
            while not self._ending:
                async with self._statements:
                    claimed = await self._database.rows(
                        "claim_deliveries",
                        endpoint_id=endpoint_id,
                        at_most=MOST_DELIVERIES,
                        lease=LEASE,
                    )
                if not claimed:
                    return
                async with asyncio.TaskGroup() as attempts:
                    for delivery in claimed:
                        attempts.create_task(self._attempt(delivery))
        except (UnavailableError, asyncpg.PostgresError) as error:
            log.warning("webhook not sent", endpoint_id=endpoint_id, **described(error))

    async def _attempt(self, delivery: asyncpg.Record) -> None:
        answer = await send(
            self._client,
            url=delivery["url"],
            message_id=delivery["message_id"],
            body=delivery["body"],
            secrets=delivery["secrets"],
            private_addresses=self._private_addresses,
        )
        try:
            async with self._statements:
                await self._database.rows(
                    "finish_delivery",
                    delivery_id=delivery["id"],
                    status=answer.status,
                    error=answer.error,
                    retry_after=answer.retry_after,
                )
        except (UnavailableError, asyncpg.PostgresError) as error:
            # It is sent again after its lease, with the same id.
            log.warning("answer to a webhook not recorded", **described(error))
