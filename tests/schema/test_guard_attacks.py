"""Attacks on the ledger that take more than one column, one row, or one statement."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import IsolationLevel

from tests.schema.guards import make_scenario
from tests.support.event_contradictions import contradictions
from tests.support.refusals import error_of, problem
from tests.support.rows import book, codes_of, rows, value

NEW_BOOKING = (
    "INSERT INTO {schema}bookings"
    " (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
    " VALUES ({customer}, {event}, {quantity}, 20, 20 * {quantity}, {customer}) RETURNING id"
)
CHECK_IN = "SELECT check_in_ticket(%s, NULL, %s)"


@dataclass
class OwnerSession:
    """The owner's session, and the rows of a scenario by name."""

    db: psycopg.Connection
    url: str
    ids: dict[str, str]

    def write(self, statement: str) -> psycopg.Cursor[Any]:
        return self.db.execute(statement.format(schema="", **self.ids).encode())

    def refusal(self, statement: str) -> str:
        """Run a statement that must be refused with a sentence or by a named constraint."""
        with pytest.raises(psycopg.Error) as caught, self.db.transaction():
            self.write(statement)
        diagnosis = caught.value.diag
        if diagnosis.sqlstate == "23001":
            return diagnosis.message_primary or ""
        assert diagnosis.constraint_name, caught.value
        return diagnosis.constraint_name


@pytest.fixture
def owner(attacked_url: str) -> Iterator[OwnerSession]:
    with psycopg.connect(attacked_url, autocommit=True) as db:
        ids = make_scenario(db)
        yield OwnerSession(db, attacked_url, {**ids, "event": ids["open_event"], "quantity": "1"})
    with psycopg.connect(attacked_url, autocommit=True) as judge:
        assert contradictions(judge, ids) == []


# A working copy in the session, or a schema that comes first ------------------------------------


@pytest.mark.parametrize("form", ("temporary table", "schema"))
def test_a_copy_of_events_in_front_of_ours_does_not_take_the_counting(
    owner: OwnerSession, form: str
) -> None:
    if form == "schema":
        owner.write("SET search_path = shadow, public")
    else:
        owner.write("CREATE TEMP TABLE events AS TABLE public.events WITH NO DATA")
    full = {**owner.ids, "event": owner.ids["full_event"], "quantity": "100"}

    insert = NEW_BOOKING.format(**{"schema": "public.", **full})

    assert owner.refusal(insert) == "events_never_oversold"


# Counters ---------------------------------------------------------------------------------------


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
def test_nobody_writes_a_counter(owner: OwnerSession, statement: str) -> None:
    assert "kept by triggers" in owner.refusal(statement) or "nothing sold" in owner.refusal(
        statement
    )


# Cancelling -------------------------------------------------------------------------------------


def test_a_booking_cancelled_by_one_update_takes_its_tickets_along(owner: OwnerSession) -> None:
    customer, admin = int(owner.ids["customer"]), int(owner.ids["admin"])
    old = codes_of(owner.db, int(owner.ids["sold"]))

    owner.write("UPDATE bookings SET status = 'cancelled' WHERE id = {sold}")

    new = book(owner.db, customer, int(owner.ids["full_event"]), 2)["ticket_codes"]
    assert {problem(owner.db, CHECK_IN, code, admin)[0] for code in old} == {"TK011"}
    for code in new:
        owner.db.execute(CHECK_IN, [code, admin])
    assert owner.write("SELECT tickets_checked_in FROM events WHERE id = {full_event}").fetchone()
    assert contradictions(owner.db, owner.ids) == []


def test_an_event_cancelled_by_one_update_takes_its_bookings_along(owner: OwnerSession) -> None:
    owner.write("UPDATE events SET status = 'cancelled' WHERE id = {full_event}")

    found = rows(
        owner.db,
        "SELECT tickets.status, count(*) FROM tickets JOIN bookings ON bookings.id = booking_id"
        " WHERE event_id = %s GROUP BY 1",
        owner.ids["full_event"],
    )
    # The one that admitted somebody did so.
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
def test_one_statement_cannot_admit_and_cancel(owner: OwnerSession, statement: str) -> None:
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
def test_one_statement_cannot_end_an_event_and_sell_it(owner: OwnerSession, statement: str) -> None:
    assert owner.refusal(statement)


# The ledger -------------------------------------------------------------------------------------


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
def test_the_ledger_is_not_rewritten(owner: OwnerSession, statement: str) -> None:
    assert " " in owner.refusal(statement)


# Times ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moment",
    ("transaction_timestamp() + interval '1 microsecond'", "statement_timestamp()", "'2001-01-01'"),
)
def test_a_booking_date_by_hand_is_replaced_by_the_time_under_the_lock(
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


def test_an_event_cannot_begin_in_the_future(owner: OwnerSession) -> None:
    new = (
        "INSERT INTO events (title, venue, date_time, time_zone, capacity, price, {column})"
        " VALUES ('A', 'B', '2098-01-01', 'UTC', 9, 1, '2097-01-01')"
    )
    for column in ("updated_at", "created_at"):
        assert "begins now" in owner.refusal(new.replace("{column}", column))


# Repairs that were not announced, or no longer --------------------------------------------------

DELETE = "DELETE FROM bookings WHERE id = {sold}"


def test_the_setting_of_a_repair_alone_opens_nothing(owner: OwnerSession) -> None:
    with owner.db.transaction(force_rollback=True):
        owner.write("SELECT pg_current_xact_id(), set_config('marquee.repair', 'begun', true)")
        assert "ledger" in owner.refusal(DELETE)
    owner.write("SET marquee.repair = 'begun'")
    assert "ledger" in owner.refusal(DELETE)


def test_a_repair_that_was_taken_back_is_over(owner: OwnerSession) -> None:
    with owner.db.transaction(force_rollback=True):
        owner.write("SAVEPOINT before_it")
        owner.write("SELECT begin_repair('a test')")
        owner.write("ROLLBACK TO SAVEPOINT before_it")
        assert "ledger" in owner.refusal(DELETE)
        owner.write("SELECT set_config('marquee.repair', 'begun', true)")
        assert "ledger" in owner.refusal(DELETE)


@pytest.mark.parametrize("end", ("SELECT end_repair()", "COMMIT"))
def test_after_a_repair_the_guards_are_back(owner: OwnerSession, end: str) -> None:
    owner.write("BEGIN")
    owner.write("SELECT begin_repair('a test')")
    owner.write(end)

    assert "ledger" in owner.refusal(DELETE)
    owner.write("ROLLBACK" if end != "COMMIT" else "SELECT 1")


def test_one_repair_opens_nothing_to_another_session(owner: OwnerSession) -> None:
    with psycopg.connect(owner.url) as other:
        other.execute("SELECT begin_repair('a test')")
        owner.write("SET marquee.repair = 'begun'")
        assert "ledger" in owner.refusal(DELETE)
        other.rollback()


@pytest.mark.parametrize(
    "columns",
    (
        "transaction_id) VALUES ('x', '99999999'",
        "at) VALUES ('x', '2099-01-01'",
        "login) VALUES ('x', 'somebody'",
    ),
)
def test_a_repair_is_announced_for_its_own_transaction_only(
    owner: OwnerSession, columns: str
) -> None:
    assert "begin_repair" in owner.refusal(f"INSERT INTO repairs (reason, {columns})")


def test_a_restored_repair_does_not_open_the_transaction_that_has_its_number(
    owner: OwnerSession, cluster: Any
) -> None:
    with owner.db.transaction(force_rollback=True):
        number = value(owner.db, "SELECT pg_current_xact_id()::text")
        owner.write("SELECT set_config('marquee.repair', 'begun', true)")
        # A restore runs without triggers.
        with psycopg.connect(cluster.url(owner.db.info.dbname)) as superuser:
            superuser.execute("SET session_replication_role = replica")
            superuser.execute(
                "INSERT INTO repairs (reason, login, at, transaction_id)"
                " VALUES ('long ago', 'owner', now() - interval '1 year', %s::xid8)",
                [number],
            )
        assert "ledger" in owner.refusal(DELETE)


def test_the_owner_cannot_play_a_replica(owner: OwnerSession) -> None:
    assert error_of(owner.db, "SET session_replication_role = replica").sqlstate == "42501"


# Transactions -----------------------------------------------------------------------------------


def test_what_is_rolled_back_to_a_savepoint_was_never_counted(owner: OwnerSession) -> None:
    with owner.db.transaction():
        owner.write("SAVEPOINT before_it")
        owner.write("UPDATE bookings SET status = 'cancelled' WHERE id = {sold}")
        owner.write("UPDATE events SET capacity = 2 WHERE id = {full_event}")
        owner.write("ROLLBACK TO SAVEPOINT before_it")
        owner.write("UPDATE tickets SET status = 'used' WHERE id = {active_ticket}")

    assert contradictions(owner.db, owner.ids) == []


ISOLATION = (
    IsolationLevel.READ_COMMITTED,
    IsolationLevel.REPEATABLE_READ,
    IsolationLevel.SERIALIZABLE,
)
DUELS = {
    "admit and cancel": (
        "UPDATE tickets SET status = 'used' WHERE id = {active_ticket}",
        "UPDATE bookings SET status = 'cancelled' WHERE id = {sold}",
    ),
    "cancel and admit": (
        "UPDATE bookings SET status = 'cancelled' WHERE id = {sold}",
        "UPDATE tickets SET status = 'used' WHERE id = {active_ticket}",
    ),
    "sell and shrink": (
        NEW_BOOKING,
        "UPDATE events SET capacity = 1 WHERE id = {open_event}",
    ),
    "end and sell": (
        "UPDATE events SET status = 'cancelled' WHERE id = {open_event}",
        NEW_BOOKING,
    ),
    "end and admit": (
        "UPDATE events SET status = 'cancelled' WHERE id = {full_event}",
        "UPDATE tickets SET status = 'used' WHERE id = {active_ticket}",
    ),
}


@pytest.mark.parametrize("duel", DUELS)
@pytest.mark.parametrize("isolation", ISOLATION)
def test_of_two_transactions_that_exclude_each_other_the_second_is_refused(
    owner: OwnerSession, isolation: IsolationLevel, duel: str
) -> None:
    first, second = DUELS[duel]
    with psycopg.connect(owner.url) as other:
        other.isolation_level = isolation
        # The snapshot is from before.
        other.execute("SELECT count(*) FROM bookings")
        owner.write(first)
        with pytest.raises(psycopg.Error) as caught:
            other.execute(second.format(schema="", **owner.ids).encode())
        other.rollback()

    refusals = {"23001", "23514"}
    assert caught.value.sqlstate in (
        refusals if isolation is IsolationLevel.READ_COMMITTED else refusals | {"40001"}
    )


def test_two_phases_count_once_and_repair_only_themselves(owner: OwnerSession) -> None:
    owner.write("BEGIN")
    owner.write(NEW_BOOKING)
    owner.write("SELECT begin_repair('a test')")
    owner.write("PREPARE TRANSACTION 'first half'")
    try:
        owner.write("SET marquee.repair = 'begun'")
        assert "ledger" in owner.refusal(DELETE)
        assert (
            problem(
                owner.db,
                "SELECT * FROM book_tickets(%s, %s, 1)",
                int(owner.ids["customer"]),
                int(owner.ids["open_event"]),
            )[0]
            == "55P03"
        )
    finally:
        owner.write("COMMIT PREPARED 'first half'")

    sold = owner.write("SELECT tickets_sold FROM events WHERE id = {open_event}").fetchone()
    assert sold == (2,)
