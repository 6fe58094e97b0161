"""The role ticketing_api may do everything that the API does."""

import asyncpg
import psycopg
import pytest
from psycopg import sql

from tests.schema.roles import API, become
from tests.support.event_edits import as_json, update
from tests.support.rows import (
    PASSWORD_HASH,
    add_user,
    book,
    in_days,
    rows,
    value,
)


def test_the_api_role_may_do_everything_the_api_does(superuser: psycopg.Connection) -> None:
    db = superuser
    admin_id = add_user(db, role="admin")
    become(db, API)

    customer_id = value(
        db,
        "SELECT id FROM sign_up('Grace', '+4930111', %s)",
        PASSWORD_HASH,
    )
    attempt_id = value(db, "SELECT attempt_id FROM begin_sign_in('+4930111', '::1')")
    db.execute(
        "SELECT end_sign_in(%s, sha256('a'), %s, %s)", [attempt_id, customer_id, PASSWORD_HASH]
    )
    db.execute("SELECT FROM users WHERE id = %s FOR SHARE", [customer_id])
    db.execute(
        "SELECT rehash_password(%s, %s, %s)", [customer_id, PASSWORD_HASH, f"{PASSWORD_HASH}x"]
    )
    db.execute("UPDATE users SET name = 'Grace Hopper' WHERE id = %s", [customer_id])
    fields = {"title": "Jazz", "venue": "Hall", "time_zone": "UTC", "date_time": in_days(3)}
    new = as_json({**fields, "capacity": 10, "price": 20})
    event_id = value(db, "SELECT id FROM create_event(%s, %s)", new, admin_id)
    first, second = book(db, customer_id, event_id, 2), book(db, customer_id, event_id, 1)
    db.execute("SELECT cancel_booking(%s, %s)", [second["id"], customer_id])
    db.execute("SELECT check_in_ticket(%s, %s, %s)", [first["ticket_codes"][0], event_id, admin_id])
    update(db, event_id, 1, admin_id, date_time=in_days(4), capacity=20)
    assert value(db, "SELECT capacity FROM event_as_of(%s, now())", event_id) == 10
    assert value(db, "SELECT capacity FROM event_as_of(%s, clock_timestamp())", event_id) == 20
    assert value(db, "SELECT count(*) FROM events_as_of(clock_timestamp())") == 1
    assert value(db, "SELECT count(*) FROM event_versions") == 2
    assert value(db, "SELECT max(tickets_sold) FROM event_figures") == 3
    db.execute("SELECT wait_for_standby_at_commit()")
    made_id = value(db, "SELECT create_user('Bob', '+4930112', 'admin', NULL, %s)", admin_id)
    db.execute("SELECT update_user(%s, 'Bobby', NULL, %s)", [made_id, admin_id])
    found = rows(db, "SELECT * FROM search_events('jaz', '-infinity', 'infinity', NULL, NULL)")
    assert [row["event_id"] for row in found] == [event_id]
    mistyped = rows(db, "SELECT * FROM search_events('jzaz', '-infinity', 'infinity', NULL, NULL)")
    assert [row["match_class"] for row in mistyped] == [4]
    assert value(db, "SELECT quantity FROM booking_with_tickets(%s)", first["id"]) == 2
    for view in (
        "event_details",
        "event_availability",
        "event_sales",
        "daily_sales",
        "recent_activity",
    ):
        statement = sql.SQL("SELECT * FROM {}").format(sql.Identifier(view))
        assert db.execute(statement).fetchall()
    assert rows(db, "SELECT * FROM integrity_violations") == []
    db.execute("DELETE FROM sessions WHERE user_id = %s", [customer_id])


async def test_a_role_chosen_when_connecting_survives_a_reset(database_url: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"role": API})
    try:
        await connection.reset()

        assert await connection.fetchval("SELECT current_user") == API
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("UPDATE events SET capacity = 1")
    finally:
        await connection.close()
