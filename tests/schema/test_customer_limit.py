"""The limit of a customer: kept whoever writes, and exceeded only by saying so."""

from typing import Any, LiteralString

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.refusals import error_of, problem, refused_change
from tests.support.rows import (
    add_booking,
    add_event,
    add_user,
    batch,
    book,
    repair,
    rows,
    value,
)

BOOK: LiteralString = "SELECT * FROM book_tickets(%s, %s, %s)"
BEYOND: LiteralString = (
    "SELECT error_code, (booking).id FROM book_tickets_beyond_limit("
    "ARRAY[ROW(%s, %s, %s, NULL, %s, NULL)]::booking_request[])"
)
INSERT: LiteralString = (
    "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by,"
    " beyond_customer_limit)"
    " SELECT customer, %s, quantity, 20, 20 * quantity, customer, beyond"
    " FROM unnest(%s::bigint[], %s::integer[], %s::boolean[]) AS given (customer, quantity, beyond)"
)
LIMIT: LiteralString = "SELECT update_event(%s, %s, NULL, NULL)"
Beyond = list[tuple[int, int, bool]]


@pytest.fixture
def event_id(rolled_back: psycopg.Connection) -> int:
    return add_event(rolled_back, max_tickets_per_customer=4)


@pytest.fixture
def customer(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back)


@pytest.fixture
def admin(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, role="admin")


def owned(db: psycopg.Connection, event_id: int, user_id: int) -> int:
    return int(value(db, "SELECT tickets_owned(%s, %s)", event_id, user_id))


def insert(db: psycopg.Connection, event_id: int, given: Beyond) -> None:
    """Insert bookings by hand, as one statement: customer, quantity, beyond_customer_limit."""
    db.execute(INSERT, [event_id, *(list(column) for column in zip(*given, strict=True))])


def refused_insert(db: psycopg.Connection, event_id: int, given: Beyond) -> str | None:
    columns = [list(column) for column in zip(*given, strict=True)]
    return error_of(db, INSERT, event_id, *columns).constraint_name


def beyond(db: psycopg.Connection, *arguments: object) -> dict[str, Any]:
    (answer,) = rows(db, BEYOND, *arguments)
    return answer


def test_a_customer_books_up_to_the_limit(
    rolled_back: psycopg.Connection, event_id: int, customer: int
) -> None:
    book(rolled_back, customer, event_id, 3)
    refused = ("TK023", {"limit": 4, "owned": 3})
    assert problem(rolled_back, BOOK, customer, event_id, 2) == refused
    book(rolled_back, customer, event_id, 1)
    assert problem(rolled_back, BOOK, customer, event_id, 1) == (
        "TK023",
        {"limit": 4, "owned": 4},
    )
    book(rolled_back, add_user(rolled_back), event_id, 4)
    book(rolled_back, customer, add_event(rolled_back), 5)


def test_cancelled_tickets_can_be_booked_again(
    rolled_back: psycopg.Connection, event_id: int, customer: int
) -> None:
    booking = book(rolled_back, customer, event_id, 4)
    rolled_back.execute("SELECT cancel_booking(%s, %s)", [booking["id"], customer])
    book(rolled_back, customer, event_id, 4)


def test_each_request_of_a_batch_counts(
    rolled_back: psycopg.Connection, event_id: int, customer: int
) -> None:
    other = add_user(rolled_back)
    answers = batch(
        rolled_back,
        [
            (customer, event_id, 3),
            (other, event_id, 4),
            (customer, event_id, 2),
            (customer, event_id, 1),
            (customer, event_id, 1),
        ],
    )
    assert [(answer["error_code"], answer["error_detail"]) for answer in answers] == [
        (None, None),
        (None, None),
        ("TK023", {"limit": 4, "owned": 3}),
        (None, None),
        ("TK023", {"limit": 4, "owned": 4}),
    ]


def test_a_repeated_request_is_answered_at_the_limit(
    rolled_back: psycopg.Connection, event_id: int, customer: int
) -> None:
    made = book(rolled_back, customer, event_id, 4, "a")
    again = book(rolled_back, customer, event_id, 4, "a")
    assert (again["id"], again["replayed"]) == (made["id"], True)
    # The second of two in one batch is answered by the first.
    other = add_user(rolled_back)
    first, second = batch(rolled_back, [(other, event_id, 4, "b")] * 2)
    assert (first["id"], second["replayed"]) == (second["id"], True)


def test_the_box_office_keeps_the_limit_unless_it_says_otherwise(
    rolled_back: psycopg.Connection, event_id: int, customer: int, admin: int
) -> None:
    (answer,) = batch(rolled_back, [(customer, event_id, 5, None, admin)])
    assert answer["error_code"] == "TK023"
    allowed = beyond(rolled_back, customer, event_id, 5, admin)
    assert allowed["error_code"] is None
    assert value(
        rolled_back,
        "SELECT beyond_customer_limit FROM bookings WHERE id = %s",
        allowed["id"],
    )
    # The permission was for that call only, and its tickets count.
    assert problem(rolled_back, BOOK, customer, event_id, 1) == (
        "TK023",
        {"limit": 4, "owned": 5},
    )
    (answer,) = batch(rolled_back, [(customer, event_id, 1, None, admin)])
    assert answer["error_code"] == "TK023"


def test_only_admins_may_exceed_the_limit(
    rolled_back: psycopg.Connection, event_id: int, customer: int
) -> None:
    for booker in (None, customer, add_user(rolled_back)):
        assert beyond(rolled_back, customer, event_id, 5, booker)["error_code"] == "TK020"
    assert owned(rolled_back, event_id, customer) == 0


def test_the_permission_does_not_oversell(
    rolled_back: psycopg.Connection, customer: int, admin: int
) -> None:
    event_id = add_event(rolled_back, max_tickets_per_customer=1, capacity=2)
    assert beyond(rolled_back, customer, event_id, 3, admin)["error_code"] == "TK001"


@pytest.mark.parametrize(
    "quantities", ([(5, False)], [(2, False), (3, False)], [(4, True), (1, False)]), ids=str
)
def test_rows_written_by_hand_keep_the_limit(
    rolled_back: psycopg.Connection,
    event_id: int,
    customer: int,
    quantities: list[tuple[int, bool]],
) -> None:
    given = [(customer, quantity, allowed) for quantity, allowed in quantities]
    assert refused_insert(rolled_back, event_id, given) == "bookings_within_customer_limit"


@pytest.mark.parametrize(
    "quantities", ([(4, False)], [(5, True)], [(4, False), (3, True)]), ids=str
)
def test_rows_written_by_hand_may_exceed_it_by_saying_so(
    rolled_back: psycopg.Connection,
    event_id: int,
    customer: int,
    quantities: list[tuple[int, bool]],
) -> None:
    insert(rolled_back, event_id, [(customer, *pair) for pair in quantities])
    refused = refused_insert(rolled_back, event_id, [(customer, 1, False)])
    assert refused == "bookings_within_customer_limit"


def test_one_statement_may_write_for_many_customers_and_events(
    rolled_back: psycopg.Connection, event_id: int
) -> None:
    users = [add_user(rolled_back) for _ in range(3)]
    insert(rolled_back, event_id, [(user, 4, False) for user in users])
    one_too_many = [(add_user(rolled_back), 4, False), (users[0], 1, False)]
    refused = refused_insert(rolled_back, event_id, one_too_many)
    assert refused == "bookings_within_customer_limit"


@pytest.mark.parametrize(
    "change",
    (
        "quantity = 5, total_amount = 100",
        "event_id = %(other)s",
        "status = 'confirmed', cancelled_at = NULL",
        "beyond_customer_limit = false",
    ),
)
@pytest.mark.leaves_contradictions
def test_a_repair_keeps_the_limit(
    rolled_back: psycopg.Connection, event_id: int, customer: int, change: LiteralString
) -> None:
    other = add_event(rolled_back, max_tickets_per_customer=1)
    booking_id = add_booking(
        rolled_back,
        customer,
        event_id,
        4 if "limit" not in change else 5,
        beyond_customer_limit="limit" in change,
    )
    if "status" in change:
        rolled_back.execute("SELECT cancel_booking(%s, %s)", [booking_id, customer])
        book(rolled_back, customer, event_id, 1)
    statement = f"UPDATE bookings SET {change} WHERE id = %(id)s"
    with repair(rolled_back), pytest.raises(psycopg.Error) as refused, rolled_back.transaction():
        rolled_back.execute(statement.encode(), {"id": booking_id, "other": other})
    assert refused.value.diag.constraint_name == "bookings_within_customer_limit"


def test_the_permission_is_never_rewritten(
    rolled_back: psycopg.Connection, event_id: int, customer: int
) -> None:
    book(rolled_back, customer, event_id, 1)
    sentence = refused_change(rolled_back, "UPDATE bookings SET beyond_customer_limit = true")
    assert sentence == "a sale is never rewritten: cancel the booking and book again"


def test_a_lower_limit_leaves_bookings_alone(
    rolled_back: psycopg.Connection, event_id: int, customer: int
) -> None:
    booking = book(rolled_back, customer, event_id, 4)
    rolled_back.execute(LIMIT, [event_id, Jsonb({"max_tickets_per_customer": 2})])
    assert rows(rolled_back, "SELECT * FROM integrity_violations") == []
    refused = ("TK023", {"limit": 2, "owned": 4})
    assert problem(rolled_back, BOOK, customer, event_id, 1) == refused
    rolled_back.execute("SELECT cancel_booking(%s, %s)", [booking["id"], customer])
    book(rolled_back, customer, event_id, 2)


def test_a_limit_that_comes_later_is_no_contradiction(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back)
    book(rolled_back, customer, event_id, 5)
    rolled_back.execute(LIMIT, [event_id, Jsonb({"max_tickets_per_customer": 2})])
    assert rows(rolled_back, "SELECT * FROM integrity_violations") == []


def test_events_without_a_limit_are_not_counted(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    """The sum of a customer's tickets is not even planned to run for them."""
    event_id = add_event(rolled_back)
    book(rolled_back, customer, event_id, 1)
    rolled_back.execute("SELECT pg_stat_force_next_flush()")
    (decision,) = rows(
        rolled_back,
        "SELECT owned, customer_limit FROM decide_booking_requests("
        "ARRAY[ROW(%s, %s, 1, NULL, NULL, NULL)]::booking_request[], NULL)",
        customer,
        event_id,
    )
    assert decision == {"owned": None, "customer_limit": None}
