"""What one API process shares between its requests."""

from dataclasses import dataclass
from decimal import Decimal

import asyncpg

from app.database import Database
from app.passwords import Passwords
from app.settings import Settings


@dataclass(frozen=True)
class Application:
    """What one API process shares between its requests; no state that another would miss."""

    settings: Settings
    database: Database
    passwords: Passwords

    async def find_session(self, token_hash: bytes) -> asyncpg.Record | None:
        """Return the session with this hash and its user, if it has not expired."""
        return await self.database.row("find_sessions", [token_hash])

    async def book(
        self,
        user_id: int,
        event_id: int,
        quantity: int,
        idempotency_key: str | None,
        booked_by: int,
        expected_total: Decimal | None,
    ) -> asyncpg.Record:
        """Return what book_tickets() answers to this request: a booking or a refusal."""
        request = (user_id, event_id, quantity, idempotency_key, booked_by, expected_total)
        return await self.database.one("book_tickets", *([value] for value in request))
