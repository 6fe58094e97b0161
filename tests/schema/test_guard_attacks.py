"""Attacks on the ledger that take more than one column, one row, or one statement."""

import pytest

from tests.schema.owner_session import NEW_BOOKING, OwnerSession
from tests.support.event_contradictions import contradictions
from tests.support.refusals import problem
from tests.support.rows import book, codes_of, rows, value

CHECK_IN = "SELECT check_in_ticket(%s, NULL, %s)"


@pytest.mark.parametrize("form", ("temporary table", "schema"))
def test_a_shadowing_copy_of_events_is_not_counted_on(owner: OwnerSession, form: str) -> None:
    if form == "schema":
        owner.write("SET search_path = shadow, public")
    else:
        owner.write("CREATE TEMP TABLE events AS TABLE public.events WITH NO DATA")
    full = {**owner.ids, "event": owner.ids["full_event"], "quantity": "100"}

    insert = NEW_BOOKING.format(**{"schema": "public.", **full})

    assert owner.refusal(insert) == "events_never_oversold"


@pytest.mark.parametrize(
    "statement",
    (
        "UPDATE events SET tickets_sold = 0, bookings_count = 0 WHERE id = {full_event}",
        "UPDATE event_sales SET tickets_sold = 0 WHERE event_id = {full_event}",
        "UPDATE event_details SET tickets_sold = 0 WHERE event_id = {full_event}",
        "UPDATE event_availability SET tickets_sold = 0 WHERE event_id = {full_event}",
        "UPDATE bookings SET tickets_checked_in = 0 WHERE id = {used}",
        (
            "INSERT INTO events (title, venue, date_time, time_zone, capacity, price, tickets_sold,"
            " bookings_count) VALUES ('A', 'B', '2031-01-01', 'UTC', 9, 1, 5, 1)"
        ),
    ),
)
def test_counters_cannot_be_written(owner: OwnerSession, statement: str) -> None:
    assert "kept by triggers" in owner.refusal(statement) or "nothing sold" in owner.refusal(
        statement
    )


def test_a_manual_cancellation_cancels_the_tickets(owner: OwnerSession) -> None:
    customer, admin = int(owner.ids["customer"]), int(owner.ids["admin"])
    old = codes_of(owner.db, int(owner.ids["sold"]))

    owner.write("UPDATE bookings SET status = 'cancelled' WHERE id = {sold}")

    new = book(owner.db, customer, int(owner.ids["full_event"]), 2)["ticket_codes"]
    assert {problem(owner.db, CHECK_IN, code, admin)[0] for code in old} == {"TK011"}
    for code in new:
        owner.db.execute(CHECK_IN, [code, admin])
    assert owner.write("SELECT tickets_checked_in FROM events WHERE id = {full_event}").fetchone()
    assert contradictions(owner.db, owner.ids) == []


def test_a_manual_cancellation_of_an_event_cancels_its_bookings(owner: OwnerSession) -> None:
    owner.write("UPDATE events SET status = 'cancelled' WHERE id = {full_event}")

    found = rows(
        owner.db,
        "SELECT tickets.status, count(*) FROM tickets JOIN bookings ON bookings.id = booking_id"
        " WHERE event_id = %s GROUP BY 1",
        owner.ids["full_event"],
    )
    # The check-in of one booking happened.
    assert {row["status"]: row["count"] for row in found} == {"used": 1, "cancelled": 5}
    full = {**owner.ids, "event": owner.ids["full_event"]}
    assert "cannot be booked" in owner.refusal(NEW_BOOKING.format(**{"schema": "", **full}))


@pytest.mark.parametrize(
    "statement",
    (
        (
            "WITH admitted AS (UPDATE tickets SET status = 'used' WHERE booking_id = {sold}"
            " RETURNING booking_id) UPDATE bookings SET status = 'cancelled'"
            " WHERE id IN (SELECT booking_id FROM admitted)"
        ),
        (
            "WITH cancelled AS (UPDATE bookings SET status = 'cancelled' WHERE id = {sold}"
            " RETURNING id) UPDATE tickets SET status = 'used'"
            " WHERE booking_id IN (SELECT id FROM cancelled)"
        ),
        (
            "WITH cancelled AS (UPDATE bookings SET status = 'cancelled' WHERE id = {sold})"
            " UPDATE tickets SET status = 'used' WHERE booking_id = {sold}"
        ),
    ),
)
def test_one_statement_cannot_both_admit_and_cancel(owner: OwnerSession, statement: str) -> None:
    assert "admits nobody" in owner.refusal(statement)


@pytest.mark.parametrize(
    "statement",
    (
        (
            "WITH ended AS (UPDATE events SET status = 'cancelled' WHERE id = {open_event}"
            " RETURNING id)"
            " INSERT INTO bookings"
            " (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
            " SELECT {customer}, id, 1, 20, 20, {customer} FROM ended"
        ),
        (
            "WITH ended AS (UPDATE events SET status = 'cancelled' WHERE id = {open_event})"
            " INSERT INTO bookings"
            " (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
            " SELECT {customer}, {open_event}, 1, 20, 20, {customer}"
        ),
        (
            "WITH smaller AS (UPDATE events SET capacity = 1 WHERE id = {open_event})"
            " INSERT INTO bookings"
            " (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
            " SELECT {customer}, {open_event}, 1, 20, 20, {customer}"
        ),
    ),
)
def test_one_statement_cannot_both_end_and_sell_an_event(
    owner: OwnerSession, statement: str
) -> None:
    assert owner.refusal(statement)


@pytest.mark.parametrize(
    "statement",
    (
        "DELETE FROM bookings",
        "DELETE FROM tickets WHERE booking_id = {sold}",
        "DELETE FROM events WHERE id = {ended_event}",
        (
            "UPDATE bookings SET unit_price = 0, total_amount = 0, booking_date = '2001-01-01',"
            " user_id = {admin}, booked_by = {admin} WHERE id = {sold}"
        ),
        "UPDATE bookings SET status = 'confirmed', cancelled_at = NULL WHERE id = {cancelled}",
        "UPDATE tickets SET status = 'active' WHERE booking_id = {cancelled}",
        (
            "INSERT INTO tickets (booking_id, ticket_code)"
            " SELECT {sold}, new_ticket_code({full_event}) FROM generate_series(1, 50)"
        ),
        "TRUNCATE users CASCADE",
        "TRUNCATE event_words, activity",
    ),
)
def test_the_ledger_cannot_be_rewritten(owner: OwnerSession, statement: str) -> None:
    assert " " in owner.refusal(statement)


@pytest.mark.parametrize(
    "moment",
    ("transaction_timestamp() + interval '1 microsecond'", "statement_timestamp()", "'2001-01-01'"),
)
def test_a_manual_booking_date_is_replaced_by_the_time_of_the_lock(
    owner: OwnerSession, moment: str
) -> None:
    with owner.db.transaction():
        owner.write("SELECT set_config('marquee.booking_date', '2001-01-01 00:00:00+00', true)")
        before = value(owner.db, "SELECT clock_timestamp()")
        insert = NEW_BOOKING.replace("booked_by)", "booked_by, booking_date)", 1).replace(
            "{customer}) RETURNING id", f"{{customer}}, {moment}) RETURNING booking_date"
        )
        (booked,) = owner.write(insert).fetchone() or (None,)

    assert booked >= before


def test_an_event_cannot_be_created_with_future_timestamps(owner: OwnerSession) -> None:
    new = (
        "INSERT INTO events (title, venue, date_time, time_zone, capacity, price, {column})"
        " VALUES ('A', 'B', '2098-01-01', 'UTC', 9, 1, '2097-01-01')"
    )
    for column in ("updated_at", "created_at"):
        assert "begins now" in owner.refusal(new.replace("{column}", column))
