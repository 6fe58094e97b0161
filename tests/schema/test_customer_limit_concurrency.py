"""Sixteen connections at once, functions and rows by hand: nobody gets more than the limit."""

import random
from concurrent.futures import ThreadPoolExecutor

import psycopg

from tests.support.locks import raise_lock_timeout
from tests.support.rows import add_event, add_user, batch, rows, value

CONNECTIONS, ATTEMPTS, CUSTOMERS, LIMIT = 16, 40, 8, 6
OWNED = (
    "SELECT coalesce(max(tickets), 0) FROM ("
    " SELECT sum(quantity) AS tickets FROM bookings"
    " WHERE event_id = %s AND status = 'confirmed' GROUP BY user_id) AS owned"
)


def test_no_customer_is_ever_above_the_limit(database_url: str, db: psycopg.Connection) -> None:
    raise_lock_timeout(db)
    event_id = add_event(db, capacity=1_000_000, max_tickets_per_customer=LIMIT)
    customers = [add_user(db) for _ in range(CUSTOMERS)]

    def attempt(number: int) -> int:
        chance = random.Random(number)
        refused = 0
        with psycopg.connect(database_url, autocommit=True) as connection:
            for _ in range(ATTEMPTS):
                customer, quantity = chance.choice(customers), chance.randint(1, 4)
                act = chance.choice((by_function, by_function, by_hand, cancel))
                refused += not act(connection, event_id, customer, quantity)
                assert value(connection, OWNED, event_id) <= LIMIT
        return refused

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        refused = sum(pool.map(attempt, range(CONNECTIONS)))

    assert refused > CONNECTIONS
    assert value(db, OWNED, event_id) > 0
    assert rows(db, "SELECT * FROM integrity_violations") == []


def by_function(db: psycopg.Connection, event_id: int, customer: int, quantity: int) -> bool:
    answers = batch(db, [(customer, event_id, quantity), (customer, event_id, 1)])
    assert {answer["error_code"] for answer in answers} <= {None, "TK023"}
    return answers[0]["error_code"] is None


def by_hand(db: psycopg.Connection, event_id: int, customer: int, quantity: int) -> bool:
    try:
        db.execute(
            "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount,"
            " booked_by) VALUES (%(user)s, %(event)s, %(quantity)s, 20, 20 * %(quantity)s,"
            " %(user)s)",
            {"user": customer, "event": event_id, "quantity": quantity},
        )
    except psycopg.errors.CheckViolation as error:
        if error.diag.constraint_name != "bookings_within_customer_limit":
            raise
        return False
    return True


def cancel(db: psycopg.Connection, event_id: int, customer: int, _: int) -> bool:
    db.execute(
        "SELECT cancel_booking(id, user_id) FROM bookings"
        " WHERE user_id = %s AND event_id = %s AND status = 'confirmed' ORDER BY id LIMIT 1",
        [customer, event_id],
    )
    return True
