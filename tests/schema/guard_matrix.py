"""Events in every state, statements that attack them, and what may go wrong."""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from tests.schema import guard_cases
from tests.schema.guard_cases import Case
from tests.support.event_contradictions import contradictions
from tests.support.rows import add_event, add_user, book, codes_of, value

TABLES = tuple(guard_cases.UPDATES)
KEYS = {
    "events": {"id": ":full_event"},
    "bookings": {"id": ":sold"},
    "tickets": {"id": ":active_ticket"},
    "activity": {"id": ":line", "at": ":line_at"},
    "event_versions": {"event_id": ":full_event", "version": "1"},
    "event_figures": {"event_id": ":full_event", "at": ":moment"},
    "repairs": {"id": ":repair"},
}
UPDATE_FORMS = ("UPDATE", "MERGE UPDATE", "ON CONFLICT", "WITH UPDATE")
INSERT_FORMS = ("INSERT", "MERGE INSERT", "COPY", "WITH INSERT")
DELETE_FORMS = ("DELETE", "MERGE DELETE", "WITH DELETE", "TRUNCATE", "TRUNCATE CASCADE")
FORMS = UPDATE_FORMS + INSERT_FORMS + DELETE_FORMS
ACCEPTED = {"edited", "followed", "kept", "stamped"}


@dataclass(frozen=True)
class Cell:
    """One statement of the matrix: `column` of the row `target` of `table`."""

    form: str
    table: str
    column: str
    case: Case
    target: str | None = None  # None: the row in KEYS

    def __str__(self) -> str:
        return f"{self.form} {self.table}.{self.column} = {self.case.value} ({self.target})"


def make_scenario(db: psycopg.Connection) -> dict[str, str]:
    """Create a sold-out event with a used ticket and a cancelled booking, and others.

    Returns the names that values of guard_cases may use, and their values.
    """
    customer, admin = add_user(db), add_user(db, role="admin")
    full, opened, ended = (add_event(db, capacity=capacity) for capacity in (4, 10, 10))
    used, cancelled = book(db, customer, full, 2), book(db, customer, full, 2)
    db.execute("SELECT check_in_ticket(%s, %s, %s)", [used["ticket_codes"][0], full, admin])
    db.execute("SELECT cancel_booking(%s, %s)", [cancelled["id"], customer])
    sold, other = book(db, customer, full, 2), book(db, customer, opened, 1)
    db.execute("UPDATE events SET status = 'cancelled' WHERE id = %s", [ended])
    ticket: LiteralString = "SELECT id FROM tickets WHERE ticket_code = %s"
    scenario = {
        "customer": customer,
        "admin": admin,
        "full_event": full,
        "open_event": opened,
        "ended_event": ended,
        "draft_event": add_event(db, status="draft"),
        "used": used["id"],
        "cancelled": cancelled["id"],
        "sold": sold["id"],
        "open_booking": other["id"],
        "used_ticket": value(db, ticket, used["ticket_codes"][0]),
        "active_ticket": value(db, ticket, sold["ticket_codes"][0]),
        "cancelled_ticket": value(db, ticket, codes_of(db, cancelled["id"])[0]),
        "line": value(db, "SELECT max(id) FROM activity"),
        "line_at": value(db, "SELECT at FROM activity ORDER BY id DESC LIMIT 1"),
        "moment": value(db, "SELECT max(at) FROM event_figures WHERE event_id = %s", full),
        "repair": value(db, "SELECT (begin_repair('a test')).id"),
        "unused": 10**9 + full,
    }
    db.execute("SELECT end_repair()")
    return {name: str(given) for name, given in scenario.items()}


def cells(form: str, table: str) -> Iterator[Cell]:
    """Yield the cells of this form for this table."""
    if form in DELETE_FORMS:
        yield Cell(form, table, "", Case("", "refused"))
        if table == "events" and "DELETE" in form:
            # No foreign key refuses this deletion, because the event has no bookings.
            yield Cell(form, table, "", Case("", "refused"), "ended_event")
    elif form in INSERT_FORMS:
        for column, case in guard_cases.INSERTS[table].items():
            yield Cell(form, table, column, case)
    else:
        inserts = form == "ON CONFLICT" and table in guard_cases.WRITTEN_BY_TRIGGERS
        for column, case in guard_cases.UPDATES[table].items():
            refused = Case(case.value, "refused")
            yield Cell(form, table, column, refused if inserts else case)
        for changed, target, column, case in guard_cases.TRANSITIONS:
            if changed == table and form != "ON CONFLICT":
                yield Cell(form, table, column, case, target)


def statement(cell: Cell, scenario: Mapping[str, str]) -> tuple[str, str]:
    """Build the statement of a cell, and the line that it copies in.

    The statement itself uses no operator or function from the search_path, which may contain
    shadows of them: the shadows are meant for the triggers that the statement fires.
    """
    table, key = f"public.{cell.table}", dict(KEYS[cell.table])
    if cell.target:
        key = {"id": f":{cell.target}"}
    where = " AND ".join(
        f"changed.{column} OPERATOR(pg_catalog.=) {_literal(given, scenario)}"
        for column, given in key.items()
    )
    change = f"SET {cell.column} = {_literal(cell.case.value, scenario)}"
    row = dict(guard_cases.NEW_ROWS[cell.table])
    if cell.form in INSERT_FORMS:
        row[cell.column] = cell.case.value
    elif cell.form == "ON CONFLICT":
        row |= key
    columns = ", ".join(row)
    values = ", ".join(_literal(given, scenario) for given in row.values())
    insert = f"INSERT INTO {table} AS changed ({columns}) OVERRIDING SYSTEM VALUE VALUES ({values})"
    update = f"UPDATE {table} AS changed {change} WHERE {where}"
    delete = f"DELETE FROM {table} AS changed WHERE {where}"
    merge = f"MERGE INTO {table} AS changed USING (VALUES (1)) AS one (n)"
    line = "\t".join(_plain(given, scenario) for given in row.values()) + "\n"
    return {
        "UPDATE": update,
        "MERGE UPDATE": f"{merge} ON {where} WHEN MATCHED THEN UPDATE {change}",
        "ON CONFLICT": f"{insert} ON CONFLICT ({', '.join(key)}) DO UPDATE {change}",
        "WITH UPDATE": f"WITH one AS ({update} RETURNING 1) TABLE one",
        "INSERT": insert,
        "MERGE INSERT": f"{merge} ON false WHEN NOT MATCHED THEN"
        f" INSERT ({columns}) OVERRIDING SYSTEM VALUE VALUES ({values})",
        "COPY": f"COPY {table} ({columns}) FROM STDIN",
        "WITH INSERT": f"WITH one AS ({insert} RETURNING 1) TABLE one",
        "DELETE": delete,
        "MERGE DELETE": f"{merge} ON {where} WHEN MATCHED THEN DELETE",
        "WITH DELETE": f"WITH one AS ({delete} RETURNING 1) TABLE one",
        "TRUNCATE": f"TRUNCATE {table}",
        "TRUNCATE CASCADE": f"TRUNCATE {table} RESTART IDENTITY CASCADE",
    }[cell.form], line


def _plain(given: str, scenario: Mapping[str, str]) -> str:
    return scenario[given[1:]] if given.startswith(":") else given


def _literal(given: str, scenario: Mapping[str, str]) -> str:
    return given if given == "DEFAULT" else f"'{_plain(given, scenario)}'"


def run(attacker: psycopg.Connection, cell: Cell, scenario: Mapping[str, str]) -> str:
    """Run the statement of a cell and return the outcome: accepted, or what refused it."""
    text, line = statement(cell, scenario)
    alone = attacker.info.transaction_status is TransactionStatus.IDLE
    try:
        with nullcontext() if alone else attacker.transaction():
            if cell.form == "COPY":
                with attacker.cursor() as cursor, cursor.copy(text.encode()) as copy:
                    copy.write(line)
            else:
                attacker.execute(text.encode())
    except psycopg.Error as error:
        return _refusal(error, cell)
    return "accepted"


def _refusal(error: psycopg.Error, cell: Cell) -> str:
    message = error.diag.message_primary or ""
    if error.diag.constraint_name:
        return error.diag.constraint_name
    if error.sqlstate == "23001":
        # The refusal must come from this table, not from one that the statement cascades to.
        own = cell.form not in DELETE_FORMS or cell.table in message
        return "refused" if " " in message and own else message
    if error.sqlstate == "0A000" and cell.form == "TRUNCATE":
        return "refused"  # by the foreign keys that refer to the table
    return "generated" if "generated column" in str(error) else str(error)


def complaint(
    attacker: psycopg.Connection,
    checker: psycopg.Connection,
    cell: Cell,
    scenario: Mapping[str, str],
    search_path: str = "public",
) -> str | None:
    """Run the statement of a cell; return the outcome if it is not the expected one."""
    before = _version(checker, scenario)
    attacker.execute(f"SET search_path = {search_path}".encode())
    outcome = run(attacker, cell, scenario)
    attacker.execute("SET search_path = public")
    expected = cell.case.outcome
    if expected not in ACCEPTED:
        return None if outcome == expected else f"{cell}: {outcome}, not {expected}"
    if outcome != "accepted":
        return f"{cell}: {outcome}"
    if expected == "stamped" and (kept := _kept(checker, cell)):
        return f"{cell}: the value is kept in {kept} rows"
    if (_version(checker, scenario) > before) != (expected == "edited"):
        return f"{cell}: the version of the event"
    found = contradictions(checker, scenario)
    return f"{cell}: {found}" if found else None


def _kept(checker: psycopg.Connection, cell: Cell) -> int:
    query = sql.SQL("SELECT FROM {} WHERE {} = {}").format(
        sql.Identifier(cell.table), sql.Identifier(cell.column), sql.Literal(cell.case.value)
    )
    return checker.execute(query).rowcount


def _version(checker: psycopg.Connection, scenario: Mapping[str, str]) -> int:
    return int(value(checker, "SELECT version FROM events WHERE id = %s", scenario["full_event"]))
