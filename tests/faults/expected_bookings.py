"""The bookings that the API confirmed, compared with those in the database."""

from collections import Counter
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import dict_row

from tests.faults.client import Answer


@dataclass(frozen=True)
class Order:
    """A booking that was confirmed to a customer."""

    user_id: int
    event_id: int
    quantity: int
    key: str


@dataclass
class Confirmed:
    """A booking that was confirmed to a customer."""

    booking_id: int
    codes: frozenset[str]
    cancelled: bool = False


@dataclass
class ExpectedBookings:
    """All answers to all orders."""

    since: int = 0  # the id of the last earlier booking
    confirmed: dict[Order, Confirmed] = field(default_factory=dict)
    refused: set[Order] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    retried: int = 0
    contradicted: list[Order] = field(default_factory=list)
    request_ids: set[str] = field(default_factory=set)
    slowest: float = 0.0

    @classmethod
    def starting_now(cls, url: str) -> "ExpectedBookings":
        """Begin with the bookings from now on."""
        with psycopg.connect(url) as db:
            row = db.execute("SELECT coalesce(max(id), 0) FROM bookings").fetchone()
        assert row is not None
        return cls(since=row[0])

    def add(self, other: "ExpectedBookings") -> None:
        """Add the answers to other customers of the same test."""
        self.confirmed |= other.confirmed
        self.statuses += other.statuses
        self.retried += other.retried
        self.contradicted += other.contradicted

    def record(self, order: Order, answer: Answer) -> None:
        """Record the answer to an order."""
        self.count(answer)
        if answer.status == 201:
            booking = Confirmed(
                answer.content["id"],
                frozenset(ticket["ticket_code"] for ticket in answer.content["tickets"]),
            )
            earlier = self.confirmed.setdefault(order, booking)
            if (earlier.booking_id, earlier.codes) != (booking.booking_id, booking.codes):
                self.contradicted.append(order)
        elif answer.status == 409:
            self.refused.add(order)

    def count(self, answer: Answer) -> None:
        """Count an answer; any other status is a failure."""
        self.statuses[answer.status] += 1
        self.request_ids.add(answer.headers["x-request-id"])
        self.slowest = max(self.slowest, answer.seconds)
        allowed = {200, 201, 409, 503}
        assert answer.status in allowed, f"{answer.status}: {answer.body.decode(errors='replace')}"
        if answer.status == 503:
            assert "retry-after" in answer.headers


@dataclass
class Comparison:
    """The differences between the database and the expected bookings."""

    confirmed: int = 0
    retried: int = 0
    lost: int = 0
    doubled: int = 0
    oversold: int = 0
    violations: int = 0

    def __add__(self, other: "Comparison") -> "Comparison":
        return Comparison(*(getattr(self, name) + getattr(other, name) for name in self.__dict__))

    def __str__(self) -> str:
        return ", ".join(f"{name} {number:,}" for name, number in self.__dict__.items())

    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.oversold or self.violations)


def compare(db: psycopg.Connection, expected: ExpectedBookings) -> Comparison:
    """Compare the bookings in the database with the expected ones."""
    found = {
        (row["user_id"], row["idempotency_key"]): row
        for row in db.cursor(row_factory=dict_row).execute(
            "SELECT bookings.*, array_agg(ticket_code) AS codes FROM bookings"
            " JOIN tickets ON tickets.booking_id = bookings.id"
            " WHERE bookings.id > %s GROUP BY bookings.id",
            (expected.since,),
        )
    }
    kept = 0
    for order, promised in expected.confirmed.items():
        row = found.get((order.user_id, order.key))
        kept += row is not None and (
            (row["id"], row["event_id"], row["quantity"], row["status"] == "cancelled")
            == (promised.booking_id, order.event_id, order.quantity, promised.cancelled)
            and frozenset(row["codes"]) == promised.codes
        )
    promised_keys = {(order.user_id, order.key) for order in expected.confirmed}
    oversold = db.execute(
        "SELECT count(*) FROM events WHERE capacity < tickets_sold OR capacity <"
        " (SELECT sum(quantity) FROM bookings WHERE event_id = events.id AND status = 'confirmed')"
    ).fetchone()
    violations = db.execute("SELECT count(*) FROM integrity_violations").fetchone()
    assert oversold is not None
    assert violations is not None
    return Comparison(
        confirmed=len(expected.confirmed),
        retried=expected.retried,
        lost=len(expected.confirmed) - kept,
        # Booked under a key whose customer got another booking or no confirmation.
        doubled=len(found.keys() - promised_keys) + len(expected.contradicted),
        oversold=oversold[0],
        violations=violations[0],
    )
