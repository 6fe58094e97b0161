"""The single form of book_tickets: what it writes, and each refusal with its facts."""

from decimal import Decimal
from typing import LiteralString

import psycopg
import pytest

from tests.support.refusals import error_of, problem
from tests.support.rows import (
    add_booking,
    add_event,
    add_started_event,
    add_user,
    book,
    codes_of,
    is_now,
    logged,
    repair,
    rows,
    value,
)

BOOK: LiteralString = "SELECT * FROM book_tickets(%s, %s, %s, %s)"
EXPECTING: LiteralString = "SELECT * FROM book_tickets(%s, %s, %s, NULL, NULL, %s)"


@pytest.fixture
def customer(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back)


def test_a_booking_and_its_tickets_are_written(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, title="Jazz Night", price=Decimal("12.50"))

    answer = book(rolled_back, customer, event_id, 3, "key-1")

    (booking,) = rows(rolled_back, "SELECT * FROM bookings")
    assert is_now(rolled_back, booking["booking_date"])
    assert booking == {
        "id": answer["id"],
        "user_id": customer,
        "event_id": event_id,
        "quantity": 3,
        "unit_price": Decimal("12.50"),
        "total_amount": Decimal("37.50"),
        "booking_date": answer["booking_date"],
        "status": "confirmed",
        "booked_by": customer,
        "idempotency_key": "key-1",
        "cancelled_at": None,
        "tickets_checked_in": 0,
        "written_in": value(rolled_back, "SELECT pg_current_xact_id()::text"),
        "beyond_customer_limit": False,
    }
    codes = codes_of(rolled_back, answer["id"])
    assert len(set(codes)) == 3
    assert answer["ticket_codes"] == codes
    assert (answer["replayed"], answer["event_title"]) == (False, "Jazz Night")
    assert value(rolled_back, "SELECT tickets_sold FROM events") == 3


def test_a_sale_is_not_logged_as_activity(rolled_back: psycopg.Connection, customer: int) -> None:
    book(rolled_back, customer, add_event(rolled_back), 1)

    assert logged(rolled_back) == []


def test_an_admin_can_book_for_a_customer(rolled_back: psycopg.Connection, customer: int) -> None:
    admin_id = add_user(rolled_back, role="admin")

    answer = book(rolled_back, customer, add_event(rolled_back), 1, None, admin_id)

    assert (answer["user_id"], answer["booked_by"]) == (customer, admin_id)


def test_the_last_tickets_can_be_booked_and_then_no_more(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, capacity=5)
    book(rolled_back, customer, event_id, 3)

    assert problem(rolled_back, BOOK, customer, event_id, 3, None) == ("TK001", {"available": 2})
    book(rolled_back, customer, event_id, 2)
    assert problem(rolled_back, BOOK, customer, event_id, 1, None) == ("TK001", {"available": 0})


def test_the_name_of_a_refusal_is_its_message(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    assert error_of(rolled_back, BOOK, customer, 0, 1, None).message_primary == "event-not-found"


@pytest.mark.parametrize("event_id", (0, -1, 2**62, None))
def test_an_unknown_event_is_refused(
    rolled_back: psycopg.Connection, customer: int, event_id: int | None
) -> None:
    assert problem(rolled_back, BOOK, customer, event_id, 1, None) == ("TK002", {})


@pytest.mark.parametrize("status", ("cancelled", "completed"))
def test_an_event_that_is_over_is_not_bookable(
    rolled_back: psycopg.Connection, customer: int, status: str
) -> None:
    event_id = add_event(rolled_back, status=status)

    assert problem(rolled_back, BOOK, customer, event_id, 1, None) == ("TK003", {"reason": status})


def test_an_event_that_has_started_is_not_bookable(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_started_event(rolled_back)

    assert problem(rolled_back, BOOK, customer, event_id, 1, None) == (
        "TK003",
        {"reason": "started"},
    )


@pytest.mark.parametrize("quantity", (0, -1, 5, 101, 2**31 - 1, -(2**31), None))
def test_the_quantity_is_from_one_to_the_events_limit(
    rolled_back: psycopg.Connection, customer: int, quantity: int | None
) -> None:
    event_id = add_event(rolled_back, max_tickets_per_booking=4)

    assert problem(rolled_back, BOOK, customer, event_id, quantity, None) == (
        "TK004",
        {"limit": 4},
    )


@pytest.mark.parametrize("user_id", (0, 2**62, None))
def test_an_unknown_customer_is_refused(
    rolled_back: psycopg.Connection, user_id: int | None
) -> None:
    assert problem(rolled_back, BOOK, user_id, add_event(rolled_back), 1, None) == ("TK008", {})


def test_an_unknown_seller_is_refused(rolled_back: psycopg.Connection, customer: int) -> None:
    event_id = add_event(rolled_back)

    found = problem(
        rolled_back, "SELECT * FROM book_tickets(%s, %s, 1, NULL, 0)", customer, event_id
    )

    assert found == ("TK008", {})


def test_a_booking_at_a_changed_price_is_refused(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, price=Decimal("12.50"))

    assert problem(rolled_back, EXPECTING, customer, event_id, 2, Decimal("24.99")) == (
        "TK016",
        {"total_amount": "25.00"},
    )
    assert problem(rolled_back, EXPECTING, customer, event_id, 2, Decimal("NaN")) == (
        "TK016",
        {"total_amount": "25.00"},
    )
    answer = book(rolled_back, customer, event_id, 2, None, None, Decimal("25.0"))
    assert answer["total_amount"] == Decimal("25.00")


@pytest.mark.parametrize("key", ("", "a b", "ä", "a" * 65, "tab\t"))
def test_a_key_that_cannot_be_stored_is_refused_before_anything_is_written(
    rolled_back: psycopg.Connection, customer: int, key: str
) -> None:
    assert problem(rolled_back, BOOK, customer, add_event(rolled_back), 1, key) == (
        "23514",
        {"constraint": "bookings_idempotency_key_visible_ascii"},
    )


def test_the_same_key_again_returns_the_same_booking_and_tickets(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back)
    first = book(rolled_back, customer, event_id, 2, "key")

    again = book(rolled_back, customer, event_id, 2, "key")

    assert again == {**first, "replayed": True}
    assert value(rolled_back, "SELECT count(*) FROM bookings") == 1


@pytest.mark.parametrize(
    "meanwhile",
    (
        "UPDATE events SET price = 99",
        "UPDATE events SET max_tickets_per_booking = 1",
        "UPDATE events SET capacity = tickets_sold",
        "UPDATE events SET status = 'completed'",
        "UPDATE events SET created_at = '2000-01-01', date_time = '2000-01-02'",
    ),
)
def test_a_retry_finds_its_booking_after_the_event_changed(
    rolled_back: psycopg.Connection, customer: int, meanwhile: LiteralString
) -> None:
    event_id = add_event(rolled_back)
    first = book(rolled_back, customer, event_id, 2, "key", None, Decimal(40))
    with repair(rolled_back):
        rolled_back.execute(meanwhile)

    again = book(rolled_back, customer, event_id, 2, "key", None, Decimal(40))

    assert again == {**first, "replayed": True}


def test_a_retry_returns_the_booking_as_it_is_now(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back)
    first = book(rolled_back, customer, event_id, 2, "key")
    rolled_back.execute("SELECT cancel_booking(%s, %s)", [first["id"], customer])

    again = book(rolled_back, customer, event_id, 2, "key")

    assert (again["id"], again["status"], again["replayed"]) == (first["id"], "cancelled", True)
    assert value(rolled_back, "SELECT tickets_sold FROM events") == 0


def test_a_key_that_is_used_for_something_else_is_refused(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id, other_event_id = add_event(rolled_back), add_event(rolled_back)
    book(rolled_back, customer, event_id, 2, "key")

    assert problem(rolled_back, BOOK, customer, event_id, 3, "key") == ("TK007", {})
    assert problem(rolled_back, BOOK, customer, event_id, None, "key") == ("TK007", {})
    assert problem(rolled_back, BOOK, customer, other_event_id, 2, "key") == ("TK007", {})


def test_two_customers_may_use_the_same_key(rolled_back: psycopg.Connection, customer: int) -> None:
    event_id = add_event(rolled_back)
    first = book(rolled_back, customer, event_id, 1, "key")

    second = book(rolled_back, add_user(rolled_back), event_id, 1, "key")

    assert second["id"] != first["id"]
    assert second["replayed"] is False


def test_a_key_of_a_manually_inserted_booking_counts(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back)
    booking_id = add_booking(rolled_back, customer, event_id, 2, idempotency_key="key")

    assert book(rolled_back, customer, event_id, 2, "key")["id"] == booking_id


def test_a_refused_request_does_not_use_its_key(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, capacity=1)
    assert problem(rolled_back, BOOK, customer, event_id, 2, "key") == ("TK001", {"available": 1})

    assert book(rolled_back, customer, event_id, 1, "key")["replayed"] is False
