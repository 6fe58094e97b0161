"""Changes that users request, and what must hold once the API has confirmed them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg

from tests.faults.client import Answer, Client
from tests.support import event_edits
from tests.support.bodies import PASSWORD, edited_event, new_phone
from tests.support.people import Person, add_person
from tests.support.rows import add_booking, add_event, codes_of

Query = tuple[LiteralString, Sequence[object]]


@dataclass(frozen=True, eq=False)
class Change:
    """One change by one user, and how to see that it was made."""

    name: str
    person: Person | None
    method: str
    path: str
    body: object
    # In the database: whether the change was made, and how to make it without the API.
    done: Query
    manual_statement: Query
    # In the API: where the change is shown, and whether it is shown there.
    shown_at: str | None = None
    is_shown_in: Callable[[Any], bool] = lambda _: False

    def client(self, port: int) -> Client:
        return Client(port, self.person.token if self.person else None)

    async def send(self, port: int) -> Answer:
        async with self.client(port) as client:
            return await client.send(self.method, self.path, self.body, key=self.name)

    async def is_shown(self, port: int) -> bool:
        if self.shown_at is None:
            return False
        async with self.client(port) as client:
            answer = await client.get(self.shown_at)
        return answer.status == 200 and self.is_shown_in(answer.content)

    def is_done(self, db: psycopg.Connection) -> bool:
        row = db.execute(*self.done).fetchone()
        assert row is not None
        return bool(row[0])


@asynccontextmanager
async def made_manually(url: str, changes: Sequence[Change], program: str) -> AsyncIterator[None]:
    """Make all changes, each on its own connection, which may hang until the end."""
    connections = [
        await psycopg.AsyncConnection.connect(url, application_name=program, autocommit=True)
        for _ in changes
    ]
    doing = [
        asyncio.create_task(connection.execute(*change.manual_statement))
        for change, connection in zip(changes, connections, strict=True)
    ]
    try:
        yield
    finally:
        await asyncio.gather(*doing, return_exceptions=True)
        for connection in connections:
            await connection.close()


def all_changes(db: psycopg.Connection) -> list[Change]:
    """Return one change of each kind; no two concern the same row."""
    admin = add_person(db, role="admin")
    return [
        _book(add_person(db), add_event(db)),
        _cancel(db, add_person(db), add_event(db)),
        _check_in(db, admin, add_event(db)),
        _sign_up(),
        _sign_out(add_person(db)),
        _edit(db, admin, add_event(db)),
        _rename(admin, add_person(db)),
    ]


def _book(person: Person, event: int) -> Change:
    return Change(
        "book",
        person,
        "POST",
        "/api/bookings",
        {"event_id": event, "quantity": 2},
        (
            "SELECT tickets_sold = 2 FROM events WHERE id = %s",
            [event],
        ),
        ("SELECT book_tickets(%s, %s, 2, 'book')", [person.id, event]),
        f"/api/bookings/user/{person.id}",
        lambda content: content["items"] != [],
    )


def _cancel(db: psycopg.Connection, person: Person, event: int) -> Change:
    booking = add_booking(db, person.id, event)
    return Change(
        "cancel",
        person,
        "PUT",
        f"/api/bookings/{booking}",
        {"status": "cancelled"},
        ("SELECT status = 'cancelled' FROM bookings WHERE id = %s", [booking]),
        ("SELECT cancel_booking(%s, %s)", [booking, person.id]),
        f"/api/bookings/{booking}",
        lambda content: content["status"] == "cancelled",
    )


def _check_in(db: psycopg.Connection, admin: Person, event: int) -> Change:
    (code,) = codes_of(db, add_booking(db, admin.id, event))
    return Change(
        "check-in",
        admin,
        "POST",
        f"/api/tickets/{code}/check-in",
        {},
        ("SELECT status = 'used' FROM tickets WHERE ticket_code = %s", [code]),
        ("SELECT check_in_ticket(%s, NULL, %s)", [code, admin.id]),
        f"/api/tickets/{code}",
        lambda content: content["ticket"]["status"] == "used",
    )


def _sign_up() -> Change:
    phone = new_phone()
    return Change(
        "sign-up",
        None,
        "POST",
        "/api/users",
        {"name": "Cleo Frost", "phone": phone, "password": PASSWORD},
        ("SELECT EXISTS (SELECT FROM users WHERE phone = %s)", [phone]),
        ("INSERT INTO users (name, phone) VALUES ('Cleo Frost', %s)", [phone]),
    )


def _sign_out(person: Person) -> Change:
    token = hashlib.sha256(person.token.encode()).digest()
    return Change(
        "sign-out",
        person,
        "DELETE",
        "/api/sessions/current",
        None,
        ("SELECT NOT EXISTS (SELECT FROM sessions WHERE token_hash = %s)", [token]),
        ("DELETE FROM sessions WHERE token_hash = %s", [token]),
        "/api/sessions/current",
        lambda content: content["user"] is None,
    )


def _edit(db: psycopg.Connection, admin: Person, event: int) -> Change:
    row = event_edits.event(db, event)
    shown = {**row, "price": str(row["price"]), "date_time": row["date_time"].isoformat()}
    return Change(
        "edit",
        admin,
        "PUT",
        f"/api/events/{event}",
        edited_event(shown, title="Swing Night"),
        ("SELECT title = 'Swing Night' FROM events WHERE id = %s", [event]),
        (
            event_edits.UPDATE,
            [event, event_edits.as_json({"title": "Swing Night"}), None, admin.id],
        ),
        f"/api/events/{event}",
        lambda content: content["title"] == "Swing Night",
    )


def _rename(admin: Person, person: Person) -> Change:
    return Change(
        "rename",
        admin,
        "PUT",
        f"/api/users/{person.id}",
        {"name": "Cleo Sommer"},
        ("SELECT name = 'Cleo Sommer' FROM users WHERE id = %s", [person.id]),
        ("SELECT update_user(%s, 'Cleo Sommer', NULL, %s)", [person.id, admin.id]),
        "/api/users?search=Cleo",
        lambda content: content["items"] != [],
    )
