"""A sale updates no index of its event: the update is a heap-only one (HOT)."""

import psycopg

from tests.support.rows import add_event, add_user, book, rows


def updates(db: psycopg.Connection) -> tuple[int, int]:
    """Return how many updates of events there were in this transaction, and how many were HOT."""
    (found,) = rows(
        db,
        "SELECT pg_stat_get_xact_tuples_updated('events'::regclass) AS updated,"
        " pg_stat_get_xact_tuples_hot_updated('events'::regclass) AS hot",
    )
    return found["updated"], found["hot"]


def test_a_sale_and_its_cancellation_touch_no_index_of_the_event(
    rolled_back: psycopg.Connection,
) -> None:
    customer = add_user(rolled_back)
    event_id = add_event(
        rolled_back, category="Concert", description="Four acts.", address="Uferweg 30"
    )
    before = updates(rolled_back)

    for number in range(5):
        booking = book(rolled_back, customer, event_id, 2, f"key-{number}")
        rolled_back.execute("SELECT cancel_booking(%s, %s)", [booking["id"], customer])

    updated, hot = (after - then for after, then in zip(updates(rolled_back), before, strict=True))
    assert updated >= 10
    assert hot == updated
