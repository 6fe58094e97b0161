"""Any mix of requests to the batch form gives exactly the answers of a simple model."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.rows import add_event, add_started_event, add_user, batch, in_days, rows

Refusal = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Request:
    """A request by positions in lists, the same in each database; -1 is unknown."""

    user: int | None
    event: int | None
    quantity: int | None
    key: str | None
    booked_by: int | None
    surcharge: Decimal | None  # the difference of the expected total; None: none is given


@dataclass
class Event:
    price: Decimal
    capacity: int
    limit: int
    ended: str | None = None  # cancelled, completed, started, closed (the door, too)
    sale: str | None = None  # not-yet-on-sale, sale-ended
    most: int | None = None  # tickets of one customer
    sold: int = 0
    owned: dict[int | None, int] = field(default_factory=dict)  # by customer

    def refusal(self, request: Request, by_admin: bool) -> Refusal | None:
        quantity, surcharge = request.quantity, request.surcharge
        if reason := self.closed_reason(by_admin):
            starts = {"sale_starts_at": SALE_STARTS_AT} if reason == "not-yet-on-sale" else {}
            return "TK003", {"reason": reason, **starts}
        if quantity is None or not 1 <= quantity <= self.limit:
            return "TK004", {"limit": self.limit}
        if surcharge:
            return "TK016", {"total_amount": str(self.price * quantity)}
        owned = self.owned.get(request.user, 0)
        if self.most is not None and owned + quantity > self.most:
            return "TK023", {"limit": self.most, "owned": owned}
        return None

    def closed_reason(self, by_admin: bool) -> str | None:
        if by_admin and self.ended == "started":
            return None
        if self.ended:
            return "started" if self.ended == "closed" else self.ended
        return None if by_admin else self.sale


@dataclass
class Booking:
    request: Request
    total: Decimal


@dataclass
class Model:
    """The promises of book_tickets, one request after the other."""

    users: int
    events: list[Event]
    by_key: dict[tuple[int | None, str], Booking] = field(default_factory=dict)

    def answer(self, request: Request) -> Booking | Refusal:
        if request.key is not None:
            earlier = self.by_key.get((request.user, request.key))
            if earlier:
                same = (earlier.request.event, earlier.request.quantity) == (
                    request.event,
                    request.quantity,
                )
                return earlier if same else ("TK007", {})
        if refusal := self.refusal(request):
            return refusal
        event, quantity = self.events[request.event or 0], request.quantity or 0
        if quantity > event.capacity - event.sold:
            return "TK001", {"available": event.capacity - event.sold}
        event.sold += quantity
        event.owned[request.user] = event.owned.get(request.user, 0) + quantity
        booking = Booking(request, event.price * quantity)
        if request.key is not None:
            self.by_key[request.user, request.key] = booking
        return booking

    def refusal(self, request: Request) -> Refusal | None:
        booker = request.user if request.booked_by is None else request.booked_by
        if request.key is not None and (not request.key or " " in request.key):
            return "23514", {"constraint": "bookings_idempotency_key_visible_ascii"}
        if not all(user in range(self.users) for user in (request.user, booker)):
            return "TK008", {}
        if request.event not in range(len(self.events)):
            return "TK002", {}
        return self.events[request.event or 0].refusal(request, by_admin=booker == ADMIN)


USERS = 3
ADMIN = 2
SALE_STARTS_AT = "2031-05-06T08:00:00Z"
EVENT_STARTS_AT = "2031-05-06 18:00:00+00"
EVENTS = st.lists(
    st.builds(
        Event,
        price=st.sampled_from([Decimal("0.00"), Decimal("12.50"), Decimal("99999999.99")]),
        capacity=st.integers(1, 9),
        limit=st.integers(3, 6),
        ended=st.sampled_from([*[None] * 9, "cancelled", "completed", "started", "closed"]),
        most=st.sampled_from([None, None, 2, 4, 5]),
        sale=st.sampled_from([*[None] * 6, "not-yet-on-sale", "sale-ended"]),
    ),
    min_size=1,
    max_size=3,
)
# Mostly typical requests, so that tickets run out and keys repeat; otherwise anything.
PLAIN = st.builds(
    Request,
    user=st.sampled_from([0, 0, 1]),
    event=st.sampled_from([0, 0, 1]),
    quantity=st.integers(1, 4),
    key=st.sampled_from([None, None, "a", "b"]),
    booked_by=st.none(),
    surcharge=st.none(),
)
ODD = st.builds(
    Request,
    user=st.sampled_from([0, 1, 2, -1, None]),
    event=st.sampled_from([0, 1, 2, -1, None]),
    quantity=st.sampled_from([1, 2, 5, 7, 0, -1, None, 2**31 - 1]),
    key=st.sampled_from([None, "a", "b", "A", "", "not a key"]),
    booked_by=st.sampled_from([None, 1, ADMIN, ADMIN, -1]),
    surcharge=st.sampled_from([None, Decimal(0), Decimal("-0.01")]),
)
REQUESTS = st.one_of(PLAIN, PLAIN, PLAIN, ODD)
BATCHES = st.lists(st.lists(REQUESTS, min_size=3, max_size=12), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def connection(shared_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_url, autocommit=True) as opened:
        yield opened


@given(events=EVENTS, batches=BATCHES)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_batch_answers_as_the_model(
    connection: psycopg.Connection, events: list[Event], batches: list[list[Request]]
) -> None:
    model = Model(USERS, [replace(event, sold=0, owned={}) for event in events])
    with connection.transaction(force_rollback=True):
        database = DatabaseUnderTest(connection, model.events)
        for requests in batches:
            expected = [model.answer(request) for request in requests]
            assert database.answers(requests) == expected
        database.check()


class DatabaseUnderTest:
    """The same events in the database, and its answers in the form of the model."""

    def __init__(self, db: psycopg.Connection, events: list[Event]) -> None:
        self.db = db
        self.events = events
        self.user_ids = [
            add_user(db, role="admin" if number == ADMIN else "customer") for number in range(USERS)
        ]
        self.event_ids = [self._add(event) for event in events]
        self.bookings: dict[int, Booking] = {}

    def answers(self, requests: list[Request]) -> list[Booking | Refusal]:
        answers = batch(self.db, [self._arguments(request) for request in requests])
        assert [answer["request_no"] for answer in answers] == list(range(1, len(requests) + 1))
        return [
            self._in_words(answer, request)
            for answer, request in zip(answers, requests, strict=True)
        ]

    def check(self) -> None:
        assert rows(self.db, "SELECT * FROM integrity_violations") == []
        found = rows(self.db, "SELECT id, tickets_sold FROM events ORDER BY id")
        assert [row["tickets_sold"] for row in found] == [event.sold for event in self.events]

    def _add(self, event: Event) -> int:
        columns: dict[str, object] = {
            "price": event.price,
            "capacity": event.capacity,
            "max_tickets_per_booking": event.limit,
            "max_tickets_per_customer": event.most,
        }
        if event.ended in ("started", "closed"):
            hours = -1 if event.ended == "started" else -12
            return add_started_event(self.db, **columns, date_time=in_days(hours / 24))
        if event.sale == "not-yet-on-sale":
            columns |= {"sale_starts_at": SALE_STARTS_AT, "date_time": EVENT_STARTS_AT}
        elif event.sale == "sale-ended":
            columns |= {"sale_ends_at": in_days(0)}
        return add_event(self.db, **columns, status=event.ended or "active")

    def _arguments(self, request: Request) -> list[object]:
        def known(ids: list[int], place: int | None) -> int | None:
            if place is None:
                return None
            return ids[place] if place in range(len(ids)) else -1

        total = request.surcharge
        if total is not None and request.event in range(len(self.events)):
            total += self.events[request.event or 0].price * (request.quantity or 0)
        return [
            known(self.user_ids, request.user),
            known(self.event_ids, request.event),
            request.quantity,
            request.key,
            known(self.user_ids, request.booked_by),
            total,
        ]

    def _in_words(self, answer: dict[str, Any], request: Request) -> Booking | Refusal:
        if answer["error_code"]:
            return answer["error_code"], answer["error_detail"]
        assert answer["replayed"] is (answer["id"] in self.bookings)
        made_by = self.bookings[answer["id"]].request if answer["replayed"] else request
        booked_by = made_by.user if made_by.booked_by is None else made_by.booked_by
        assert answer["user_id"] == self.user_ids[made_by.user or 0]
        assert answer["event_id"] == self.event_ids[made_by.event or 0]
        assert answer["booked_by"] == self.user_ids[booked_by or 0]
        assert answer["quantity"] == len(answer["tickets"]) == made_by.quantity
        booking = Booking(made_by, answer["total_amount"])
        self.bookings[answer["id"]] = booking
        return booking
