"""Load: customers who book and cancel, and retry until they are answered."""

import asyncio
import random
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Self

from tests.faults.client import Client, ConnectionLostError
from tests.faults.expected_bookings import ExpectedBookings, Order
from tests.support.people import Person

# The pause of a customer before the next booking, and before a retry.
THINKING_SECONDS = 0.02
RETRY_SECONDS = 0.1
WAIT_SECONDS = 60


class Load:
    """Customers who use one API until the load is stopped."""

    def __init__(
        self,
        port: int,
        customers: Sequence[Person],
        events: Sequence[int],
        expected: ExpectedBookings,
        *,
        cancelling: float = 0.1,
        hanging_up: float = 0.0,
    ) -> None:
        self.expected = expected
        self._port = port
        self._customers = customers
        self._events = events
        self._cancelling = cancelling
        self._hanging_up = hanging_up
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._book_and_cancel(person)) for person in self._customers
        ]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Let every customer finish, so that no order is left without an answer."""
        self._stopping = True
        if kind is not None:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            return
        async with asyncio.timeout(WAIT_SECONDS):
            await asyncio.gather(*self._tasks)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Return when the condition is true; fail immediately if a customer's task failed."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not happened():
                for task in self._tasks:
                    if task.done():
                        await task
                await asyncio.sleep(0.01)

    async def until_more_confirmed(self, count: int) -> None:
        enough = len(self.expected.confirmed) + count
        await self.until(lambda: len(self.expected.confirmed) >= enough)

    async def until_more_answers(self, status: int, count: int) -> None:
        enough = self.expected.statuses[status] + count
        await self.until(lambda: self.expected.statuses[status] >= enough)

    async def _book_and_cancel(self, person: Person) -> None:
        async with Client(self._port, person.token) as client:
            while not self._stopping:
                key = secrets.token_hex(8)
                order = Order(
                    person.id, random.choice(self._events), random.choice((1, 1, 2, 3)), key
                )
                if random.random() < self._hanging_up:
                    await client.book_and_hang_up(order.event_id, order.quantity, key)
                    self.expected.retried += 1
                await self._book(client, order)
                if random.random() < self._cancelling and order in self.expected.confirmed:
                    await self._cancel(client, order)
                await asyncio.sleep(random.random() * THINKING_SECONDS)

    async def _book(self, client: Client, order: Order) -> None:
        while True:
            with suppress(ConnectionLostError):
                answer = await client.book(order.event_id, order.quantity, order.key)
                self.expected.record(order, answer)
                if answer.status != 503:
                    return
            self.expected.retried += 1
            await asyncio.sleep(RETRY_SECONDS)

    async def _cancel(self, client: Client, order: Order) -> None:
        booking = self.expected.confirmed[order]
        while True:
            with suppress(ConnectionLostError):
                answer = await client.cancel(booking.booking_id)
                self.expected.count(answer)
                if answer.status == 200:
                    booking.cancelled = True
                    return
            self.expected.retried += 1
            await asyncio.sleep(RETRY_SECONDS)
