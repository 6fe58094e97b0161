"""The plans of statements, including those inside functions, as auto_explain reports them."""

import re
from collections.abc import Sequence

import psycopg

from app.data.database import PLANNING
from app.data.queries import statement
from tests.schema.plan_case import Case
from tests.support.rows import rows

BIG = {
    "users",
    "events",
    "bookings",
    "tickets",
    "sessions",
    "calendars",
    "notices",
    "event_messages",
    "sign_in_failures",
    "sign_ups",
    "activity",
    "event_words",
    "event_versions",
    "event_figures",
    "repairs",
}


def fill_in(parameter: object, given: dict[str, object]) -> object:
    if isinstance(parameter, list | tuple):
        return type(parameter)(fill_in(part, given) for part in parameter)
    return given.get(parameter, parameter) if isinstance(parameter, str) else parameter


def use_planning_of_the_api(db: psycopg.Connection) -> None:
    for name, setting in PLANNING.items():
        db.execute("SELECT set_config(%s, %s, true)", [name, setting])


def plans(db: psycopg.Connection, case: Case, given: dict[str, object]) -> str:
    """Run the query as the API does and return the plans of all its statements."""
    parameters = {name: fill_in(value, given) for name, value in case.parameters.items()}
    sql, *arguments = statement(case.query, **parameters)
    return plans_of(db, sql.encode(), arguments, case.rows)


def plans_of(
    db: psycopg.Connection,
    query: bytes,
    parameters: Sequence[object] = (),
    fetched: int | None = None,
) -> str:
    """Run a statement with $1, $2, ... and return its plan and those inside it.

    With `fetched`, that many rows of a query are read; its plan is still the one for all rows.
    """
    messages: list[str] = []
    use_planning_of_the_api(db)
    db.execute("LOAD 'auto_explain'")
    db.execute(
        "SET LOCAL auto_explain.log_min_duration = 0;"
        "SET LOCAL auto_explain.log_nested_statements = on;"
        "SET LOCAL auto_explain.log_level = 'notice'"
    )
    db.add_notice_handler(lambda message: messages.append(message.message_primary or ""))
    if fetched is None:
        psycopg.RawCursor(db).execute(query, parameters)
    else:
        db.execute("SET LOCAL cursor_tuple_fraction = 1")
        with psycopg.RawServerCursor(db, "some_rows") as cursor:
            cursor.execute(query, parameters)
            cursor.fetchmany(fetched)
    # The plan of the query itself is reported when the next statement begins.
    db.execute("SET LOCAL auto_explain.log_min_duration = -1")
    return without_partitions(db, "\n".join(messages))


def without_partitions(db: psycopg.Connection, plan: str) -> str:
    """Replace each partition and its indexes in a plan by the names of the whole table.

    Empty partitions keep their names, because reading them whole costs nothing.
    """
    names = rows(
        db,
        "SELECT part.relname AS part, parent.relname AS whole FROM pg_inherits"
        " JOIN pg_class AS part ON part.oid = inhrelid"
        " JOIN pg_class AS parent ON parent.oid = inhparent"
        " WHERE part.reltuples > 0",
    )
    for name in names:
        plan = re.sub(rf"\b{name['part']}\b", name["whole"], plan)
    return plan


def used_indexes(plan: str) -> set[str]:
    return set(re.findall(r"(?:Scan(?: Backward)? using|Bitmap Index Scan on) (\w+)", plan))


def tables_read_whole(plan: str) -> set[str]:
    return set(re.findall(r"Seq Scan on (\w+)", plan)) & BIG
