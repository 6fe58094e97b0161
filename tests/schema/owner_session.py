"""The session of an owner who attacks the ledger by hand."""

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

NEW_BOOKING = (
    "INSERT INTO {schema}bookings"
    " (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
    " VALUES ({customer}, {event}, {quantity}, 20, 20 * {quantity}, {customer}) RETURNING id"
)


@dataclass
class OwnerSession:
    """The owner's session, and the ids of a scenario by name."""

    db: psycopg.Connection
    url: str
    ids: dict[str, str]

    def write(self, statement: str) -> psycopg.Cursor[Any]:
        return self.db.execute(statement.format(schema="", **self.ids).encode())

    def refusal(self, statement: str) -> str:
        """Run a statement that must be refused by a sentence or by a named constraint."""
        with pytest.raises(psycopg.Error) as caught, self.db.transaction():
            self.write(statement)
        diagnosis = caught.value.diag
        if diagnosis.sqlstate == "23001":
            return diagnosis.message_primary or ""
        assert diagnosis.constraint_name, caught.value
        return diagnosis.constraint_name
