"""What the owner may do in an announced repair: correct, erase, import."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from app.local.postgres import Cluster
from tests.support.event_edits import event
from tests.support.refusals import error_of, problem
from tests.support.rows import add_booking, add_event, add_user, book, insert, repair, rows, value

FIGURES = ("bookings_count", "tickets_sold", "revenue", "tickets_checked_in")


@pytest.fixture
def sold(db: psycopg.Connection) -> dict[str, int]:
    """An event with a booking with a used ticket, another booking, and a cancelled one."""
    customer, admin = add_user(db), add_user(db, role="admin")
    event_id = add_event(db, capacity=9)
    used, kept, gone = (book(db, customer, event_id, quantity) for quantity in (3, 2, 1))
    db.execute("SELECT check_in_ticket(%s, NULL, %s)", [used["ticket_codes"][0], admin])
    db.execute("SELECT cancel_booking(%s, %s)", [gone["id"], customer])
    return {"event": event_id, "customer": customer, "used": used["id"], "kept": kept["id"]}


@contextmanager
def without_triggers(cluster: Cluster, db: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """A superuser's connection whose writes no trigger sees, like those of a hardware fault."""
    with psycopg.connect(cluster.url(db.info.dbname), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        yield superuser


def figures(db: psycopg.Connection, event_id: int) -> dict[str, object]:
    row = event(db, event_id)
    return {name: row[name] for name in FIGURES}


def test_a_repair_is_logged_with_login_reason_and_time(db: psycopg.Connection) -> None:
    before = value(db, "SELECT clock_timestamp()")

    (announced,) = rows(db, "SELECT * FROM begin_repair('Court order 12/2031')")

    (kept,) = rows(db, "SELECT * FROM repairs")
    assert kept == announced
    assert (kept["login"], kept["reason"]) == ("owner", "Court order 12/2031")
    assert before <= kept["at"] <= value(db, "SELECT clock_timestamp()")


@pytest.mark.parametrize("reason", ("", "  ", None))
def test_a_repair_needs_a_reason(db: psycopg.Connection, reason: str | None) -> None:
    assert error_of(db, "SELECT begin_repair(%s)", reason).sqlstate in {"23514", "23502"}
    assert value(db, "SELECT count(*) FROM repairs") == 0


@pytest.mark.parametrize("role", ("ticketing_api", "ticketing_reader"))
@pytest.mark.parametrize(
    "call",
    (
        "SELECT begin_repair('mine')",
        "SELECT recount_event(1)",
        "INSERT INTO repairs (reason) VALUES ('mine')",
        "SELECT * FROM repairs",
    ),
)
def test_only_the_owner_may_begin_a_repair(db: psycopg.Connection, role: str, call: str) -> None:
    with db.transaction(force_rollback=True):
        if role == "ticketing_reader":
            db.execute("GRANT ticketing_reader TO CURRENT_USER")
        db.execute(psycopg.sql.SQL("SET LOCAL ROLE {}").format(psycopg.sql.Identifier(role)))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(call.encode())


def test_wrong_counters_are_recounted_exactly(
    cluster: Cluster, db: psycopg.Connection, sold: dict[str, int]
) -> None:
    right = figures(db, sold["event"])
    assert list(right.values())[0:2] == [2, 5]
    history = value(db, "SELECT count(*) FROM event_figures WHERE event_id = %s", sold["event"])
    with without_triggers(cluster, db) as flipped:
        flipped.execute(
            "UPDATE events SET tickets_sold = 8, bookings_count = 1, revenue = 3,"
            " tickets_checked_in = 0 WHERE id = %s",
            [sold["event"]],
        )
        flipped.execute("UPDATE bookings SET tickets_checked_in = 0 WHERE id = %s", [sold["used"]])
        flipped.execute("UPDATE bookings SET tickets_checked_in = 2 WHERE id = %s", [sold["kept"]])
    assert value(db, "SELECT count(*) FROM integrity_violations") == 6

    (returned,) = rows(db, "SELECT * FROM recount_event(%s)", sold["event"])

    assert {name: returned[name] for name in FIGURES} == right == figures(db, sold["event"])
    assert rows(db, "SELECT * FROM integrity_violations") == []
    # The history keeps what it said while the counters were wrong.
    assert (
        value(db, "SELECT count(*) FROM event_figures WHERE event_id = %s", sold["event"]) > history
    )
    assert rows(db, "SELECT * FROM event_as_of(%s, 'infinity')", sold["event"]) == [
        event(db, sold["event"])
    ]
    (logged,) = rows(db, "SELECT reason FROM repairs")
    assert logged["reason"] == f"recount_event({sold['event']})"


def test_recounting_leaves_the_guards_active(db: psycopg.Connection, sold: dict[str, int]) -> None:
    with db.transaction():
        db.execute("SELECT recount_event(%s)", [sold["event"]])
        assert error_of(db, "DELETE FROM bookings").sqlstate == "23001"
    with db.transaction(force_rollback=True):
        db.execute("SELECT begin_repair('a test')")
        db.execute("SELECT recount_event(%s)", [sold["event"]])
        db.execute("DELETE FROM bookings")


def test_recounting_an_unknown_event_is_refused(db: psycopg.Connection) -> None:
    assert problem(db, "SELECT recount_event(4711)")[0] == "TK002"
    assert value(db, "SELECT count(*) FROM repairs") == 0


def test_a_booking_can_be_erased_as_documented(
    db: psycopg.Connection, sold: dict[str, int]
) -> None:
    with db.transaction():
        db.execute("SELECT begin_repair('Court order 12/2031: erase this booking')")
        db.execute("DELETE FROM bookings WHERE id = %s", [sold["used"]])
        db.execute("SELECT recount_event(%s)", [sold["event"]])

    assert value(db, "SELECT count(*) FROM tickets WHERE booking_id = %s", sold["used"]) == 0
    assert list(figures(db, sold["event"]).values()) == [1, 2, 40, 0]
    assert rows(db, "SELECT * FROM integrity_violations") == []
    assert error_of(db, "DELETE FROM bookings").sqlstate == "23001"
    assert value(db, "SELECT count(*) FROM repairs") == 1


def test_an_erasure_without_a_recount_is_detected(
    db: psycopg.Connection, sold: dict[str, int]
) -> None:
    with repair(db):
        db.execute("DELETE FROM bookings WHERE id = %s", [sold["kept"]])

    found = {row["kind"] for row in rows(db, "SELECT kind FROM integrity_violations")}
    assert "tickets-sold-differs" in found
    db.execute("SELECT recount_event(%s)", [sold["event"]])


def test_an_import_keeps_its_times_and_states(db: psycopg.Connection) -> None:
    day = datetime(2020, 1, 2, 10, 3, tzinfo=UTC)
    customer = add_user(db)
    with repair(db):
        event_id = add_event(
            db, created_at=day - timedelta(days=9), date_time=day + timedelta(days=9)
        )
        confirmed = add_booking(db, customer, event_id, 2, booking_date=day)
        cancelled = add_booking(
            db,
            customer,
            event_id,
            1,
            booking_date=day,
            status="cancelled",
            cancelled_at=day + timedelta(hours=1),
        )
        db.execute("SELECT begin_repair('the rest of the import')")
        db.execute(
            "UPDATE tickets SET status = 'used', used_at = %s WHERE id ="
            " (SELECT min(id) FROM tickets WHERE booking_id = %s)",
            [day + timedelta(days=9), confirmed],
        )
        db.execute("SELECT recount_event(%s)", [event_id])

    assert value(db, "SELECT booking_date FROM bookings WHERE id = %s", confirmed) == day
    assert rows(db, "SELECT status, cancelled_at FROM bookings WHERE id = %s", cancelled) == [
        {"status": "cancelled", "cancelled_at": day + timedelta(hours=1)}
    ]
    assert value(db, "SELECT max(used_at) FROM tickets") == day + timedelta(days=9)
    # These changes did not happen today, so the log has only the lines of the import.
    logged = rows(db, "SELECT action FROM activity WHERE event_id = %s", event_id)
    assert logged == [{"action": "booking-cancelled"}]
    assert list(figures(db, event_id).values()) == [1, 2, 40, 1]
    # The imported past is that of the rows.
    last = rows(
        db, "SELECT * FROM event_figures_by_ledger WHERE event_id = %s ORDER BY at", event_id
    )[-1]
    assert {name: last[name] for name in FIGURES} == figures(db, event_id)
    assert rows(
        db,
        "SELECT tickets_sold FROM event_figures_by_ledger WHERE event_id = %s ORDER BY at",
        event_id,
    ) == [{"tickets_sold": 3}, {"tickets_sold": 2}, {"tickets_sold": 2}]


def test_an_import_without_a_time_uses_the_current_time(db: psycopg.Connection) -> None:
    before = value(db, "SELECT clock_timestamp()")
    customer, event_id = add_user(db), add_event(db)
    with repair(db):
        booking_id = insert(
            db,
            "bookings",
            user_id=customer,
            event_id=event_id,
            quantity=1,
            unit_price=20,
            total_amount=20,
            booked_by=customer,
        )
        db.execute("UPDATE bookings SET status = 'cancelled' WHERE id = %s", [booking_id])
        insert(db, "activity", action="booking-cancelled", event_id=event_id, booking_id=booking_id)

    (row,) = rows(db, "SELECT * FROM bookings WHERE id = %s", booking_id)
    assert before <= row["booking_date"] <= row["cancelled_at"]
