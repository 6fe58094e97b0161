"""The batch form of book_tickets: order of arrival, and repeated keys."""

from typing import Any

import psycopg
import pytest

from tests.support.rows import add_event, add_user, batch, codes_of, value


@pytest.fixture
def customer(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back)


def outcomes(answers: list[dict[str, Any]]) -> list[object]:
    """Return the outcome of each request: an error with its facts, a replay, or a quantity."""
    return [
        (answer["error_code"], answer["error_detail"])
        if answer["error_code"]
        else "replay"
        if answer["replayed"]
        else answer["quantity"]
        for answer in answers
    ]


def sold_out(available: int) -> tuple[str, dict[str, int]]:
    return "TK001", {"available": available}


def test_an_empty_batch_has_no_answers(rolled_back: psycopg.Connection) -> None:
    assert batch(rolled_back, []) == []


def test_arrays_of_different_lengths_are_refused(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    with pytest.raises(psycopg.errors.ArraySubscriptError), rolled_back.transaction():
        rolled_back.execute(
            "SELECT * FROM book_tickets(ARRAY[%s::bigint], '{}'::bigint[], '{1}'::integer[],"
            " '{k}'::text[], '{1}'::bigint[], '{1}'::numeric[])",
            [customer],
        )


def test_answers_come_in_the_order_of_the_requests(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    events = [add_event(rolled_back, title=f"Event {number}") for number in range(5)]

    answers = batch(rolled_back, [(customer, event_id, 1) for event_id in reversed(events)])

    assert [answer["request_no"] for answer in answers] == [1, 2, 3, 4, 5]
    assert [answer["event_id"] for answer in answers] == events[::-1]
    assert [answer["event_title"] for answer in answers] == [f"Event {n}" for n in (4, 3, 2, 1, 0)]


def test_each_booking_has_its_own_tickets(rolled_back: psycopg.Connection, customer: int) -> None:
    event_id = add_event(rolled_back)

    answers = batch(rolled_back, [(customer, event_id, quantity) for quantity in (3, 1, 2)])

    for answer in answers:
        shown = [ticket["ticket_code"] for ticket in answer["tickets"]]
        assert len(shown) == answer["quantity"]
        assert shown == codes_of(rolled_back, answer["id"])


def test_capacity_is_given_in_order_of_arrival(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, capacity=5)

    answers = batch(rolled_back, [(customer, event_id, 2)] * 4)

    assert outcomes(answers) == [2, 2, sold_out(1), sold_out(1)]


def test_a_too_large_request_does_not_block_a_later_smaller_one(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, capacity=5)

    answers = batch(rolled_back, [(customer, event_id, q) for q in (4, 3, 2, 1, 1)])

    assert outcomes(answers) == [4, sold_out(1), sold_out(1), 1, sold_out(0)]


def test_a_refused_request_does_not_affect_others(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, max_tickets_per_booking=4)
    cancelled_id = add_event(rolled_back, status="cancelled")

    answers = batch(
        rolled_back,
        [
            (customer, event_id, 1),
            (0, event_id, 1),
            (customer, 0, 1),
            (customer, cancelled_id, 1),
            (customer, event_id, 5),
            (customer, event_id, 1, "not a key"),
            (customer, event_id, 1, None, None, 1),
            (None, None, None, None, None, None),
            (customer, event_id, 2),
        ],
    )

    assert outcomes(answers) == [
        1,
        ("TK008", {}),
        ("TK002", {}),
        ("TK003", {"reason": "cancelled"}),
        ("TK004", {"limit": 4}),
        ("23514", {"constraint": "bookings_idempotency_key_visible_ascii"}),
        ("TK016", {"total_amount": "20.00"}),
        ("TK008", {}),
        2,
    ]
    assert value(rolled_back, "SELECT tickets_sold FROM events WHERE id = %s", event_id) == 3


def test_a_refused_request_has_an_error_and_no_booking(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    (answer,) = batch(rolled_back, [(customer, 0, 1)])

    assert {name for name, content in answer.items() if content is not None} == {
        "request_no",
        "replayed",
        "error_code",
        "error_detail",
    }


def test_a_repeated_key_in_one_batch_books_once(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, capacity=5)

    answers = batch(rolled_back, [(customer, event_id, 3, "key")] * 2 + [(customer, event_id, 2)])

    assert outcomes(answers) == [3, "replay", 2]
    assert answers[0]["id"] == answers[1]["id"]
    assert answers[0]["tickets"] == answers[1]["tickets"]


def test_the_first_request_of_a_batch_owns_its_key(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id, other_event_id = add_event(rolled_back), add_event(rolled_back)

    answers = batch(
        rolled_back,
        [
            (customer, other_event_id, 2, "key"),
            (customer, event_id, 2, "key"),
            (customer, other_event_id, 1, "key"),
            (customer, other_event_id, None, "key"),
        ],
    )

    assert outcomes(answers) == [2, *[("TK007", {})] * 3]


def test_the_key_of_a_refused_request_serves_the_next(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, capacity=3, max_tickets_per_booking=5)

    answers = batch(rolled_back, [(customer, event_id, q, "key") for q in (9, 4, 3, 2, 3)])

    assert outcomes(answers) == [
        ("TK004", {"limit": 5}),
        sold_out(3),
        3,
        ("TK007", {}),
        "replay",
    ]


def test_a_batch_may_mix_replays_and_new_requests(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, capacity=4)
    batch(rolled_back, [(customer, event_id, 3, "key")])

    answers = batch(
        rolled_back,
        [(customer, event_id, 2), (customer, event_id, 3, "key"), (customer, event_id, 1)],
    )

    assert outcomes(answers) == [sold_out(1), "replay", 1]


def test_booking_ids_rise_in_order_of_arrival(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back)

    answers = batch(rolled_back, [(customer, event_id, 1, key) for key in ("c", "a", "b")])

    ids = [answer["id"] for answer in answers]
    assert ids == sorted(ids)
