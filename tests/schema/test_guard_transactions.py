"""Attacks on the ledger that misuse repairs, savepoints, isolation levels or two phases."""

from typing import Any

import psycopg
import pytest
from psycopg import IsolationLevel

from tests.schema.owner_session import NEW_BOOKING, OwnerSession
from tests.support.event_contradictions import contradictions
from tests.support.refusals import error_of, problem
from tests.support.rows import value

DELETE = "DELETE FROM bookings WHERE id = {sold}"


def test_the_setting_of_a_repair_alone_permits_nothing(owner: OwnerSession) -> None:
    with owner.db.transaction(force_rollback=True):
        owner.write("SELECT pg_current_xact_id(), set_config('marquee.repair', 'begun', true)")
        assert "ledger" in owner.refusal(DELETE)
    owner.write("SET marquee.repair = 'begun'")
    assert "ledger" in owner.refusal(DELETE)


def test_a_rolled_back_repair_is_over(owner: OwnerSession) -> None:
    with owner.db.transaction(force_rollback=True):
        owner.write("SAVEPOINT before_it")
        owner.write("SELECT begin_repair('a test')")
        owner.write("ROLLBACK TO SAVEPOINT before_it")
        assert "ledger" in owner.refusal(DELETE)
        owner.write("SELECT set_config('marquee.repair', 'begun', true)")
        assert "ledger" in owner.refusal(DELETE)


@pytest.mark.parametrize("end", ("SELECT end_repair()", "COMMIT"))
def test_the_guards_are_active_after_a_repair(owner: OwnerSession, end: str) -> None:
    owner.write("BEGIN")
    owner.write("SELECT begin_repair('a test')")
    owner.write(end)

    assert "ledger" in owner.refusal(DELETE)
    owner.write("ROLLBACK" if end != "COMMIT" else "SELECT 1")


def test_a_repair_permits_nothing_in_another_session(owner: OwnerSession) -> None:
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
def test_a_repair_is_valid_for_its_own_transaction_only(owner: OwnerSession, columns: str) -> None:
    assert "begin_repair" in owner.refusal(f"INSERT INTO repairs (reason, {columns})")


def test_a_restored_repair_permits_nothing_in_a_transaction_with_its_id(
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


def test_the_owner_cannot_set_the_replica_role(owner: OwnerSession) -> None:
    assert error_of(owner.db, "SET session_replication_role = replica").sqlstate == "42501"


def test_changes_rolled_back_to_a_savepoint_are_not_counted(owner: OwnerSession) -> None:
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


CONFLICTS = {
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


@pytest.mark.parametrize("conflict", CONFLICTS)
@pytest.mark.parametrize("isolation", ISOLATION)
def test_the_second_of_two_conflicting_transactions_is_refused(
    owner: OwnerSession, isolation: IsolationLevel, conflict: str
) -> None:
    first, second = CONFLICTS[conflict]
    with psycopg.connect(owner.url) as other:
        other.isolation_level = isolation
        # The snapshot is taken before the other change.
        other.execute("SELECT count(*) FROM bookings")
        owner.write(first)
        with pytest.raises(psycopg.Error) as caught:
            other.execute(second.format(schema="", **owner.ids).encode())
        other.rollback()

    refusals = {"23001", "23514"}
    assert caught.value.sqlstate in (
        refusals if isolation is IsolationLevel.READ_COMMITTED else refusals | {"40001"}
    )


def test_a_prepared_transaction_counts_once_and_repairs_only_itself(owner: OwnerSession) -> None:
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
