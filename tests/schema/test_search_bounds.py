"""A search reads a limited part of the events, and past events do not influence it."""

import re
from typing import LiteralString

import psycopg
import pytest

from tests.schema.large_database import EVENTS
from tests.schema.plan_case import MATCHES, Case
from tests.schema.plans import plans, tables_read_whole, used_indexes
from tests.support.rows import add_event, add_started_event, in_days, rows, value

RANKED = 500
READ = 10_000


def found(db: psycopg.Connection, search: str) -> list[int]:
    """Return the events that a search of all upcoming events finds, soonest first."""
    events = rows(
        db,
        "SELECT event_id FROM search_events(%s, now(), 'infinity', NULL, NULL) ORDER BY date_time",
        search,
    )
    return [event["event_id"] for event in events]


@pytest.mark.parametrize("search", ("e", "an", "the", "a e", "a the"))
def test_only_the_soonest_of_many_matches_are_ranked(
    large_db: psycopg.Connection, search: str
) -> None:
    matching = rows(
        large_db,
        "SELECT id FROM events WHERE status = 'active' AND date_time >= now()"
        " AND (SELECT bool_and(search_text LIKE '%%' || word || '%%')"
        "      FROM string_to_table(%s, ' ') AS word)"
        " ORDER BY date_time, id LIMIT %s",
        search,
        RANKED + 1,
    )
    assert len(matching) == RANKED + 1

    events = found(large_db, search)

    assert sorted(events) == sorted(event["id"] for event in matching[:RANKED])


@pytest.mark.parametrize("search", ("zq", "zq xq", "🎫", "&&&", "☂"))
def test_unindexable_searches_scan_the_next_events_only(
    large_db: psycopg.Connection, search: str
) -> None:
    bound = value(
        large_db,
        "SELECT date_time FROM events WHERE date_time >= now() ORDER BY date_time"
        " OFFSET %s LIMIT 1",
        READ,
    )
    soon = add_event(large_db, title=search, date_time=in_days(1))
    later = add_event(large_db, title=search, date_time=bound)

    assert found(large_db, search) == [soon]
    # With an indexable word or a range of dates it is found as well.
    large_db.execute("UPDATE events SET venue = 'Quizzaciously' WHERE id = %s", [later])
    assert found(large_db, f"{search} quizzaciously") == [later]
    in_range = rows(
        large_db, "SELECT * FROM search_events(%s, %s, 'infinity', NULL, NULL)", search, bound
    )
    assert [event["event_id"] for event in in_range] == [later]


@pytest.mark.parametrize("search", ("e", "zq", "🎫", "a e", "the"))
def test_a_short_or_common_word_reads_events_by_their_date(
    large_db: psycopg.Connection, search: str
) -> None:
    case = Case("search_events", {"search": search, "category": None, **MATCHES}, set())

    plan = plans(large_db, case, {})

    assert any("by_date_time" in index for index in used_indexes(plan)), plan
    assert tables_read_whole(plan) <= {"event_words"}, plan


def test_the_eight_most_selective_words_of_a_search_count(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back, title="One two three four five six seven eight nine")

    assert found(rolled_back, "one two three four five six seven eight nine a b x") == [event_id]
    assert found(rolled_back, "three seven eight four five nine six qqq one two") == []


def test_the_most_selective_word_comes_first(rolled_back: psycopg.Connection) -> None:
    words = value(rolled_back, "SELECT typed_words('a jazz  a ac/dc &&&&&& Café')")

    assert words == ["ac/dc", "cafe", "jazz", "&&&&&&", "a"]


@pytest.mark.parametrize(
    ("word", "by_index"),
    (
        ("jazz", True),
        ("the", True),
        ("東京都", True),
        ("ac/dc", True),
        ("u2-tribute", True),
        ("o'", False),
        ("r&b", True),
        ("e", False),
        ("ja", False),
        ("東京", False),
        ("1%", False),
        ("10%", True),
        ("&&&&", False),
        ("🎫🎫🎫", False),
    ),
)
def test_indexable_words_are_recognised(
    large_db: psycopg.Connection, word: str, by_index: bool
) -> None:
    large_db.execute("SET LOCAL enable_seqscan = off")
    lines = large_db.execute(
        "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT FROM events"
        f" WHERE search_text LIKE '{like(large_db, word)}'".encode()
    ).fetchall()
    plan = "\n".join(line for (line,) in lines)
    (found_by_index,) = re.findall(r"Bitmap Index Scan .*actual rows=(\d+)", plan)

    assert value(large_db, "SELECT has_trigram(%s)", word) == by_index
    # An index that cannot help is read whole: every event comes out of it.
    assert (int(found_by_index) < EVENTS) == by_index, plan


def like(db: psycopg.Connection, word: str) -> str:
    pattern: str = value(db, "SELECT like_contains(%s)", word)
    return pattern.replace("'", "''")


def test_a_word_of_a_past_event_is_corrected(rolled_back: psycopg.Connection) -> None:
    add_started_event(rolled_back, title="Sumer Nights")
    assert found(rolled_back, "sumer") == []

    event_id = add_event(rolled_back, title="Summer Nights")

    assert found(rolled_back, "sumer") == [event_id]


def test_past_words_are_not_used_as_corrections(rolled_back: psycopg.Connection) -> None:
    add_started_event(rolled_back, title="Stadiom")
    event_id = add_event(rolled_back, title="Stadium")

    # One edit away from the past word, two from the upcoming one.
    assert value(rolled_back, "SELECT correct_word('stadiomm')") == ["stadium"]
    assert found(rolled_back, "stadiomm") == [event_id]


def test_part_of_an_upcoming_word_is_not_corrected(rolled_back: psycopg.Connection) -> None:
    add_started_event(rolled_back, title="Superquokka")
    add_event(rolled_back, title="Megaquokka")
    add_event(rolled_back, title="Quakka")

    assert value(rolled_back, "SELECT corrected_pattern('quokka')") == "quokka"


PARALLEL: dict[str, LiteralString] = {
    "correct_word": "SELECT count(correct_word(left(title, 6))) FROM events",
    "corrected_pattern": "SELECT count(corrected_pattern(lower(left(title, 6)))) FROM events",
    "search_events": (
        "SELECT count((SELECT count(*) FROM search_events(left(title, 3) || 'x', now(), 'infinity',"
        " NULL, NULL))) FROM events"
    ),
    "events_containing": (
        "SELECT count((SELECT count(*) FROM events_containing(left(title, 3)))) FROM events"
    ),
}


@pytest.mark.parametrize("function", PARALLEL)
def test_searching_works_in_a_parallel_query(
    rolled_back: psycopg.Connection, function: str
) -> None:
    for title in ("Jazz Night", "Summer Night", "Stadium"):
        add_event(rolled_back, title=title)
    forced = (
        "debug_parallel_query"
        if rolled_back.info.server_version >= 160000
        else ("force_parallel_mode")
    )
    for name, setting in (
        (forced, "on"),
        ("parallel_setup_cost", "0"),
        ("parallel_tuple_cost", "0"),
        ("min_parallel_table_scan_size", "0"),
        ("max_parallel_workers_per_gather", "2"),
    ):
        rolled_back.execute("SELECT set_config(%s, %s, true)", [name, setting])

    assert value(rolled_back, PARALLEL[function]) is not None


def test_deletion_variants_are_in_code_point_order(rolled_back: psycopg.Connection) -> None:
    assert value(rolled_back, "SELECT one_letter_shorter('jazz')") == ["azz", "jaz", "jazz", "jzz"]
    add_event(rolled_back, title="Jazz", venue="Zürich")
    assert value(
        rolled_back,
        "SELECT bool_and(one_letter_shorter = one_letter_shorter(word)) FROM event_words",
    )
