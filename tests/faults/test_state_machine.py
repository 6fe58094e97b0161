"""Random sequences of booking, cancelling, editing and check-in, against a model of the rules."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, LiteralString, cast

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.support import event_edits
from tests.support.refusals import problem
from tests.support.rows import add_user, batch, book, codes_of, rows

PRICES = st.sampled_from([Decimal("0.00"), Decimal("12.50"), Decimal("99999999.99")])
CAPACITIES = st.integers(1, 10)
QUANTITIES = st.sampled_from([1, 1, 2, 2, 3, 5])
KEYS = st.sampled_from([None, None, None, "a", "b"])
CUSTOMERS = st.integers(0, 1)
# Events rarely end, because few rules apply to a past event.
CHANGES = st.sampled_from(["capacity", "price"] * 3 + ["active", "completed", "cancelled"])
EXAMPLES, EXAMPLES_A_MINUTE = 40, 10


@dataclass(eq=False)
class Booking:
    id: int
    customer: int
    event: "Event"
    quantity: int
    unit_price: Decimal
    cancelled: bool = False
    tickets: dict[str, str] = field(default_factory=dict)

    @property
    def checked_in(self) -> int:
        return list(self.tickets.values()).count("used")

    def cancel(self) -> None:
        self.cancelled = True
        for code, status in self.tickets.items():
            if status == "active":
                self.tickets[code] = "cancelled"


@dataclass(eq=False)
class Event:
    """The promises of update_event and book_tickets about an event."""

    id: int
    capacity: int
    price: Decimal
    limit: int
    status: str = "active"
    bookings: list[Booking] = field(default_factory=list)

    @property
    def confirmed(self) -> list[Booking]:
        return [booking for booking in self.bookings if not booking.cancelled]

    @property
    def sold(self) -> int:
        return sum(booking.quantity for booking in self.confirmed)

    def refusal(self, quantity: int) -> str | None:
        if self.status != "active":
            return "TK003"
        if quantity > self.limit:
            return "TK004"
        return "TK001" if quantity > self.capacity - self.sold else None

    def counters(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "capacity": self.capacity,
            "price": self.price,
            "tickets_sold": self.sold,
            "bookings_count": len(self.confirmed),
            "revenue": sum(one.unit_price * one.quantity for one in self.confirmed),
            "tickets_checked_in": sum(one.checked_in for one in self.confirmed),
        }


Request = tuple[Event, int, int, str | None]  # event, customer, quantity, key


class BookingMachine(RuleBasedStateMachine):
    """The functions of the database beside the model; both must refuse the same."""

    events: Bundle[Event] = Bundle("events")
    bookings: Bundle[Booking] = Bundle("bookings")

    def __init__(self, db: psycopg.Connection) -> None:
        super().__init__()
        self.db = db
        self.undoing = ExitStack()
        self.undoing.enter_context(db.transaction(force_rollback=True))
        self.all_events: list[Event] = []
        self.by_key: dict[tuple[int, str], Booking] = {}

    def teardown(self) -> None:
        self.undoing.close()

    @initialize(target=events)
    def open(self) -> Event:
        self.customers = [add_user(self.db), add_user(self.db)]
        self.admin = add_user(self.db, role="admin")
        return self.create_event(8, Decimal("12.50"), 4)

    @rule(target=events, capacity=CAPACITIES, price=PRICES, limit=st.integers(2, 4))
    def open_another(self, capacity: int, price: Decimal, limit: int) -> Event:
        return self.create_event(capacity, price, limit)

    def create_event(self, capacity: int, price: Decimal, limit: int) -> Event:
        row = self.db.execute(
            "SELECT create_event('Jazz', '', 'Hall', now() + interval '9 days', 'Europe/Berlin',"
            " %s, %s, %s, %s)",
            (capacity, price, limit, self.admin),
        ).fetchone()
        assert row is not None
        event = Event(row[0], capacity, price, limit)
        self.all_events.append(event)
        return event

    @rule(target=bookings, request=st.tuples(events, CUSTOMERS, QUANTITIES, KEYS))
    def book_one(self, request: Request) -> MultipleResults[Booking]:
        event, customer, quantity, key = request
        arguments = (self.customers[customer], event.id, quantity, key)
        expected = self.answer(request)
        if isinstance(expected, str):
            code, _ = problem(self.db, "SELECT book_tickets(%s, %s, %s, %s)", *arguments)
            assert code == expected
            return multiple()
        return self.wrote(expected, book(self.db, *arguments))

    @rule(
        target=bookings,
        requests=st.lists(st.tuples(events, CUSTOMERS, QUANTITIES, KEYS), min_size=2, max_size=5),
    )
    def book_batch(self, requests: list[Request]) -> MultipleResults[Booking]:
        expected = [self.answer(request) for request in requests]
        answers = batch(
            self.db,
            [(self.customers[who], event.id, many, key) for event, who, many, key in requests],
        )
        new: list[Booking] = []
        for outcome, answer in zip(expected, answers, strict=True):
            if isinstance(outcome, str):
                assert answer["error_code"] == outcome
            else:
                assert answer["error_code"] is None
                new += self.wrote(outcome, answer).values
        return multiple(*new)

    @rule(booking=bookings, by=st.sampled_from(["customer", "customer", "admin", "stranger"]))
    def cancel(self, booking: Booking, by: str) -> None:
        actor = {
            "customer": self.customers[booking.customer],
            "stranger": self.customers[1 - booking.customer],
            "admin": self.admin,
        }[by]
        refusal = None
        if by == "stranger":
            refusal = "TK005"
        elif not booking.cancelled and (booking.checked_in or booking.event.status != "active"):
            refusal = "TK006"
        self.run("SELECT cancel_booking(%s, %s)", [booking.id, actor], refusal)
        if refusal is None:
            booking.cancel()

    @rule(
        booking=bookings, place=st.integers(0, 4), wrong_event=st.sampled_from([False] * 4 + [True])
    )
    def check_in(self, booking: Booking, place: int, wrong_event: bool) -> None:
        code = list(booking.tickets)[place % booking.quantity]
        refusals = {"used": "TK010", "cancelled": "TK011"}
        refusal = "TK012" if wrong_event else refusals.get(booking.tickets[code])
        event_id = -1 if wrong_event else booking.event.id
        self.run("SELECT check_in_ticket(%s, %s, %s)", [code, event_id, self.admin], refusal)
        if refusal is None:
            booking.tickets[code] = "used"

    @rule(event=events, what=CHANGES, capacity=CAPACITIES, price=PRICES)
    def change(self, event: Event, what: str, capacity: int, price: Decimal) -> None:
        if what == "capacity":
            too_small = "TK014" if capacity < event.sold else None
            if self.edit(event, capacity == event.capacity, too_small, capacity=capacity):
                event.capacity = capacity
        elif what == "price":
            if self.edit(event, price == event.price, None, price=price):
                event.price = price
        elif self.edit(event, what == event.status, None, status=what):
            event.status = what
            if what == "cancelled":
                for booking in event.bookings:
                    booking.cancel()

    @invariant()
    def counters_are_what_the_model_says(self) -> None:
        columns = ", ".join(Event(0, 1, Decimal(0), 1).counters())
        found = rows(self.db, f"SELECT {columns} FROM events ORDER BY id")
        assert found == [event.counters() for event in self.all_events]

    @invariant()
    def no_row_contradicts_another_and_nothing_is_oversold(self) -> None:
        assert rows(self.db, "SELECT * FROM integrity_violations") == []
        assert all(event.sold <= event.capacity for event in self.all_events)

    @invariant()
    def every_ticket_is_as_the_model_says_and_no_code_is_there_twice(self) -> None:
        found = rows(self.db, "SELECT ticket_code, status FROM tickets")
        known = [one.tickets for event in self.all_events for one in event.bookings]
        assert len(found) == sum(map(len, known))
        assert {row["ticket_code"]: row["status"] for row in found} == {
            code: status for tickets in known for code, status in tickets.items()
        }

    def answer(self, request: Request) -> Booking | str:
        """Return the booking for this request and record it in the model, or the refusal."""
        event, customer, quantity, key = request
        if key is not None and (earlier := self.by_key.get((customer, key))):
            return earlier if (earlier.event, earlier.quantity) == (event, quantity) else "TK007"
        if refusal := event.refusal(quantity):
            return refusal
        booking = Booking(0, customer, event, quantity, event.price)
        event.bookings.append(booking)
        if key is not None:
            self.by_key[customer, key] = booking
        return booking

    def wrote(self, booking: Booking, answer: dict[str, Any]) -> MultipleResults[Booking]:
        """Compare an answer with the model; return the booking if it is new."""
        new = booking.id == 0
        assert answer["replayed"] is not new
        if new:
            booking.id = answer["id"]
            booking.tickets = dict.fromkeys(codes_of(self.db, booking.id), "active")
            assert len(booking.tickets) == booking.quantity
        assert answer["id"] == booking.id
        assert answer["total_amount"] == booking.unit_price * booking.quantity
        return multiple(booking) if new else multiple()

    def edit(self, event: Event, same: bool, refusal: str | None, **changes: object) -> bool:
        """Edit an event in the database; return whether that changed it."""
        if same:
            refusal = None
        elif event.status != "active":
            refusal = "TK013"
        arguments = [event.id, event_edits.as_json(changes), None, self.admin]
        self.run(event_edits.UPDATE, arguments, refusal)
        return refusal is None and not same

    def run(self, query: LiteralString, arguments: list[Any], refusal: str | None) -> None:
        if refusal is None:
            self.db.execute(query, arguments)
        else:
            assert problem(self.db, query, *arguments)[0] == refusal


@pytest.fixture
def machine(db: psycopg.Connection) -> Iterator[psycopg.Connection]:
    yield db
    assert rows(db, "SELECT FROM events") == []


def test_any_order_of_changes_follows_the_rules(
    machine: psycopg.Connection, minutes: float
) -> None:
    run_state_machine_as_test(
        cast("type[BookingMachine]", lambda: BookingMachine(machine)),
        settings=settings(
            max_examples=EXAMPLES + int(EXAMPLES_A_MINUTE * minutes),
            stateful_step_count=60 if minutes else 40,
            deadline=None,
            # `make faults` looks for new cases.
            derandomize=not minutes,
            suppress_health_check=list(HealthCheck),
        ),
    )
