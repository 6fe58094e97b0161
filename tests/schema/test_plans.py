"""Each query of the API, functions and all, is answered by the index that is there for it.

The queries are run as they are; auto_explain tells the plan of each statement on the way, those
inside functions included.
"""

import re

import psycopg
import pytest
from _pytest.mark import ParameterSet

from tests.schema.plan_cases import CASES, Case
from tests.schema.support import ROOT, rows, value

QUERIES = ROOT / "sql" / "queries"
BIG = {
    "users",
    "events",
    "bookings",
    "tickets",
    "sessions",
    "sign_in_failures",
    "activity",
    "event_words",
}


def named(cases: list[Case]) -> list[ParameterSet]:
    """Name the cases by their query and a number."""
    return [pytest.param(case, id=f"{case.query}-{n}") for n, case in enumerate(cases, 1)]


@pytest.fixture
def given(full: psycopg.Connection) -> dict[str, object]:
    """Rows for the $names of the cases."""
    (booking,) = rows(
        full,
        "SELECT bookings.id, event_id, user_id, idempotency_key, ticket_code FROM bookings"
        " JOIN events ON events.id = event_id JOIN tickets ON booking_id = bookings.id"
        " WHERE user_id = 1 AND events.status = 'active' AND date_time > now()"
        " ORDER BY bookings.id DESC LIMIT 1",
    )
    return {
        "$user": booking["user_id"],
        "$other_user": 2,
        "$event": booking["event_id"],
        "$booking": booking["id"],
        "$key": booking["idempotency_key"],
        "$code": booking["ticket_code"],
        "$token": value(full, "SELECT token_hash FROM sessions WHERE user_id = 77"),
        "$failure": value(full, "SELECT max(id) FROM sign_in_failures"),
    }


def fill_in(parameter: object, given: dict[str, object]) -> object:
    if isinstance(parameter, list):
        return [fill_in(part, given) for part in parameter]
    return given.get(parameter, parameter) if isinstance(parameter, str) else parameter


def plans(db: psycopg.Connection, case: Case, given: dict[str, object]) -> str:
    """Run the query and return the plans of all its statements."""
    told: list[str] = []
    db.execute("LOAD 'auto_explain'")
    db.execute(
        "SET LOCAL auto_explain.log_min_duration = 0;"
        "SET LOCAL auto_explain.log_nested_statements = on;"
        "SET LOCAL auto_explain.log_level = 'notice'"
    )
    db.add_notice_handler(lambda told_now: told.append(told_now.message_primary or ""))
    psycopg.RawCursor(db).execute(
        (QUERIES / f"{case.query}.sql").read_bytes(),
        [fill_in(parameter, given) for parameter in case.parameters],
    )
    # The plan of the query itself is told when the next statement begins.
    db.execute("SET LOCAL auto_explain.log_min_duration = -1")
    return "\n".join(told)


def used_indexes(plan: str) -> set[str]:
    return set(re.findall(r"(?:Scan(?: Backward)? using|Bitmap Index Scan on) (\w+)", plan))


def tables_read_whole(plan: str) -> set[str]:
    return set(re.findall(r"Seq Scan on (\w+)", plan)) & BIG


@pytest.mark.parametrize("case", named(CASES))
def test_the_query_goes_through_its_indexes(
    full: psycopg.Connection, given: dict[str, object], case: Case
) -> None:
    plan = plans(full, case, given)

    assert case.indexes <= used_indexes(plan), plan
    assert tables_read_whole(plan) <= case.read_whole, plan


@pytest.mark.parametrize("case", named([case for case in CASES if case.query.startswith("list_")]))
def test_a_list_goes_through_its_indexes_prepared_for_any_parameters_as_well(
    full: psycopg.Connection, given: dict[str, object], case: Case
) -> None:
    full.execute("SET LOCAL plan_cache_mode = force_generic_plan")

    plan = plans(full, case, given)

    assert tables_read_whole(plan) <= case.read_whole, plan


def test_every_query_has_a_case() -> None:
    files = {path.stem for path in QUERIES.glob("*.sql")}

    assert {case.query for case in CASES} == files


def test_corrections_go_through_the_indexes_of_words(full: psycopg.Connection) -> None:
    names = {"event_words_one_letter_shorter", "event_words_trigrams"}
    definitions = [value(full, "SELECT pg_get_indexdef(%s::regclass)", name) for name in names]
    # More words than any season has, and new indexes, which is faster than filling these.
    full.execute("DROP INDEX event_words_one_letter_shorter, event_words_trigrams")
    full.execute(
        "INSERT INTO event_words (word, events_count)"
        " SELECT DISTINCT left(md5(n::text), 4 + n % 9), 1 FROM generate_series(1, 40000) AS n"
        " ON CONFLICT DO NOTHING"
    )
    for definition in definitions:
        full.execute(definition)
    full.execute("ANALYZE event_words")

    plan = plans(full, Case("search_events", ["zydeko", *[None] * 7, 20], set()), {})

    assert names <= used_indexes(plan), plan


def test_every_index_answers_some_query(full: psycopg.Connection, given: dict[str, object]) -> None:
    """An index no query needs costs every write and gives nothing."""
    used = {"event_words_one_letter_shorter", "event_words_trigrams"}
    for case in CASES:
        with full.transaction(force_rollback=True):
            used |= used_indexes(plans(full, case, given))
    there = {
        row["relname"]
        for row in rows(
            full,
            "SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid"
            " WHERE relnamespace = 'public'::regnamespace AND relname !~ 'yoyo'"
            " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        )
    }

    assert there - used == set()
