"""The owner tries every kind of statement on every column of the ledger."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest

from app.local.paths import ROOT
from tests.schema import guard_cases, guard_matrix, shadowing
from tests.support.rows import rows

TRIGGERS = {
    name: table
    for path in sorted((ROOT / "sql" / "triggers").glob("*.sql"))
    for name, table in re.findall(r"(?m)^CREATE TRIGGER (\w+)\n[^;]*?\bON (\w+)$", path.read_text())
    # tests/schema/test_event_words.py shows what the triggers of search words do.
    if table in guard_matrix.TABLES and not name.startswith("events_words_")
}
# tests/schema/test_customer_limit.py attacks it: only a repair can fire it.
IN_REPAIRS = "bookings_within_customer_limit"
FUNCTIONS = sorted(
    name
    for folder in ("triggers", "functions")
    for path in sorted((ROOT / "sql" / folder).glob("*.sql"))
    for name in re.findall(r"(?m)^CREATE FUNCTION (\w+)\(\)\nRETURNS trigger", path.read_text())
    # The first raises its argument, and looks nothing up. users is no table of the ledger:
    # test_accounts.py and test_known_devices.py attack its triggers. Only a repair calls the last.
    if name
    not in {"refuse_change", "keep_an_admin", "forget_devices_of_users", "keep_customer_limit"}
)
SHADOWS = {"plain": "public", "temporary tables": "public", "schema": shadowing.SEARCH_PATH}
QUICK_FORMS = ("UPDATE", "INSERT", "DELETE", "TRUNCATE CASCADE")


class CachedScenario:
    """A scenario that is created again after a statement has changed it."""

    def __init__(self, checker: psycopg.Connection) -> None:
        self._checker = checker
        self._ids: dict[str, str] | None = None

    def ids(self) -> dict[str, str]:
        if self._ids is None:
            self._ids = guard_matrix.make_scenario(self._checker)
        return self._ids

    def discard(self) -> None:
        self._ids = None


@pytest.fixture(scope="module")
def checker(attacked_url: str) -> Iterator[psycopg.Connection]:
    """A connection without shadows, in autocommit mode."""
    # With a JIT compiler, compiling takes much longer than these queries.
    with psycopg.connect(attacked_url, autocommit=True, options="-c jit=off") as connection:
        yield connection


@pytest.fixture(scope="module")
def cached(checker: psycopg.Connection) -> CachedScenario:
    return CachedScenario(checker)


@pytest.fixture(scope="module")
def attackers(attacked_url: str) -> Iterator[dict[str, psycopg.Connection]]:
    """Sessions in autocommit mode, by what shadows our objects in them."""
    with ExitStack() as sessions:
        opened = {
            shadow: sessions.enter_context(psycopg.connect(attacked_url, autocommit=True))
            for shadow in SHADOWS
        }
        shadowing.create_temporary_tables(opened["temporary tables"])
        yield opened


@pytest.mark.parametrize("given", ("UPDATES", "INSERTS"))
def test_every_column_of_the_ledger_is_classified(checker: psycopg.Connection, given: str) -> None:
    classified = getattr(guard_cases, given)
    there = rows(
        checker,
        "SELECT relname, array_agg(attname::text ORDER BY attnum) AS columns"
        " FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
        " WHERE relnamespace = 'public'::regnamespace AND relname = ANY (%s)"
        " AND attnum > 0 AND NOT attisdropped GROUP BY relname",
        list(guard_matrix.TABLES),
    )

    assert {table: list(columns) for table, columns in classified.items()} == {
        row["relname"]: row["columns"] for row in there
    }, "a column of the ledger is missing in guard_cases.py, or belongs elsewhere in its table"


@pytest.mark.parametrize("table", guard_matrix.TABLES)
@pytest.mark.parametrize("form", guard_matrix.FORMS)
@pytest.mark.parametrize("shadow", SHADOWS)
def test_a_manual_statement_is_refused_or_keeps_the_ledger_consistent(
    attackers: dict[str, psycopg.Connection],
    checker: psycopg.Connection,
    cached: CachedScenario,
    shadow: str,
    form: str,
    table: str,
) -> None:
    complaints = []
    for cell in guard_matrix.cells(form, table):
        complaints.append(
            guard_matrix.complaint(attackers[shadow], checker, cell, cached.ids(), SHADOWS[shadow])
        )
        if cell.case.outcome in guard_matrix.ACCEPTED and cell.column in {
            "status",
            "id",
            "capacity",
        }:
            cached.discard()
    if table in {"events", "bookings", "tickets"}:
        cached.discard()

    assert [found for found in complaints if found] == []


def test_accepted_statements_contradict_nothing(checker: psycopg.Connection) -> None:
    assert rows(checker, "SELECT * FROM integrity_violations") == []


def first_complaint(
    db: psycopg.Connection, mutation: str, table: str, search_path: str = "public"
) -> str | None:
    """Change the database, try statements until one has a wrong outcome, and undo it all."""
    with db.transaction(force_rollback=True):
        scenario = guard_matrix.make_scenario(db)
        db.execute(mutation.encode())
        for form in QUICK_FORMS:
            for cell in guard_matrix.cells(form, table):
                with db.transaction(force_rollback=True):
                    if found := guard_matrix.complaint(db, db, cell, scenario, search_path):
                        return found
    return None


@pytest.mark.parametrize("trigger", [name for name in TRIGGERS if name != IN_REPAIRS])
def test_every_trigger_is_needed(checker: psycopg.Connection, trigger: str) -> None:
    table = TRIGGERS[trigger]
    # A partition has its own copy of the trigger, for statements that name the partition.
    parts = rows(
        checker,
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = %s::regclass",
        table,
    )
    everywhere = [table, *(part["name"] for part in parts)]
    drop = "; ".join(f"DROP TRIGGER IF EXISTS {trigger} ON {name}" for name in everywhere)

    assert first_complaint(checker, drop, table)


@pytest.mark.parametrize("table", guard_matrix.TABLES)
def test_nothing_goes_wrong_with_all_triggers(checker: psycopg.Connection, table: str) -> None:
    assert first_complaint(checker, "SELECT 1", table) is None
    assert first_complaint(checker, "SELECT 1", table, shadowing.SEARCH_PATH) is None


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_fixed_search_path_is_needed(checker: psycopg.Connection, function: str) -> None:
    mutation = f"ALTER FUNCTION {function}() RESET search_path"
    tables = {
        row["name"]
        for row in rows(
            checker,
            "SELECT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgfoid = %s::regproc",
            function,
        )
    }

    # Its partitions have the same triggers.
    tried = sorted(tables & set(guard_matrix.TABLES))
    assert any(first_complaint(checker, mutation, table, shadowing.SEARCH_PATH) for table in tried)


def test_every_trigger_of_the_ledger_is_tested(checker: psycopg.Connection) -> None:
    there = rows(
        checker,
        "SELECT tgname AS name, tgrelid::regclass::text AS table FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgname NOT LIKE 'events_words%%'"
        " AND tgrelid = ANY (%s::regclass[])",
        list(guard_matrix.TABLES),
    )

    assert {row["name"]: row["table"] for row in there} == TRIGGERS
