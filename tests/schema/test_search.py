"""Searching a hundred thousand events: the results, their order, and their pages."""

from datetime import date, datetime
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from app.data.queries import statement
from tests.schema.large_database import EVENTS, FIDDLE, SPECIAL
from tests.support.rows import add_event, in_days, rows, value

TITLE, EVERY_WORD, VENUE_TOO, CORRECTED = 1, 2, 3, 4


def search(
    db: psycopg.Connection,
    text: str,
    *,
    first: datetime | None = None,
    last: datetime | None = None,
    days: tuple[date | None, date | None] = (None, None),
    after: dict[str, Any] | None = None,
    limit: int = 20,
) -> list[dict[str, Any]]:
    """Run the API's query."""
    cursor = psycopg.RawCursor(db, row_factory=dict_row)
    page = {
        f"after_{name}": after[name] if after else None
        for name in ("match_class", "date_time", "event_id")
    }
    sql, *arguments = statement(
        "search_events",
        search=text,
        category=None,
        from_time=first,
        to_time=last,
        from_day=days[0],
        to_day=days[1],
        limit=limit,
        **page,
    )
    return cursor.execute(sql.encode(), arguments).fetchall()


@pytest.mark.parametrize(
    ("text", "title", "match_class"),
    (
        ("zéphyrine", "Café Zéphyrine Sessions", TITLE),
        ("zephyrine", "Café Zéphyrine Sessions", TITLE),
        ("CAFE ZEPHYRINE", "Café Zéphyrine Sessions", TITLE),
        ("sessions zephyrine cafe", "Café Zéphyrine Sessions", TITLE),
        ("phyrin", "Café Zéphyrine Sessions", EVERY_WORD),
        ("zephyrine grenadine", "Café Zéphyrine Sessions", VENUE_TOO),
        ("grenadine", "Café Zéphyrine Sessions", VENUE_TOO),
        ("zefyrine", "Café Zéphyrine Sessions", CORRECTED),
        ("bjorkgarden", "Björkgården: Cornucopia", TITLE),
        ("cornucopia bjorkgarden", "Björkgården: Cornucopia", TITLE),
        ("bjrökgarden", "Björkgården: Cornucopia", CORRECTED),
        ("cornucopai harpsichrod", "Björkgården: Cornucopia", CORRECTED),
        (
            "o'flahertigan",
            FIDDLE,
            TITLE,
        ),
        (
            "O\N{RIGHT SINGLE QUOTATION MARK}Flahertigan",
            FIDDLE,
            TITLE,
        ),
        (
            "oflahertigan",
            FIDDLE,
            TITLE,
        ),
        ("straßenmusik", "Straßenmusik am Dom", TITLE),
        ("strassenmusik", "Straßenmusik am Dom", TITLE),
        ("STRASSENMUSIK DOM", "Straßenmusik am Dom", TITLE),
        ("strasenmusik", "Straßenmusik am Dom", CORRECTED),
        ("zauberflote", "Die Zauberflöte", TITLE),
        ("zauberfloete", "Die Zauberflöte", TITLE),
        ("tschaikowskyana", "Tchaikovskyana Marathon", CORRECTED),
        ("tchaikovskiana marathon", "Tchaikovskyana Marathon", CORRECTED),
        ("kraftwrekzeug", "Kraftwerkzeug in Concert", CORRECTED),
        ("raftwerk", "Kraftwerkzeug in Concert", EVERY_WORD),
        ("zydeko", "Zydeco Ball", CORRECTED),
        ("zydceo ball", "Zydeco Ball", CORRECTED),
        ("bix", "Bix Trio", TITLE),
        ("dvorak rusalka", "Dvořák: Rusalka", TITLE),
        ("rusalka narodni", "Dvořák: Rusalka", VENUE_TOO),
        ("einaudiany", "Ludovico Einaudiani", CORRECTED),
        ("lodovico einaudianni", "Ludovico Einaudiani", CORRECTED),
        ("東京", "東京 Jazzu Night", TITLE),
        ("100%", "100% Vinylette", TITLE),
        ("snake_case", "snake_case Meetup", TITLE),
        ("ac\\dc", "AC\\DC Tributary", TITLE),
    ),
)
def test_a_typical_search_finds_the_event_first(
    large_db: psycopg.Connection, text: str, title: str, match_class: int
) -> None:
    found = search(large_db, text)

    assert found
    assert (found[0]["title"], found[0]["match_class"]) == (title, match_class)
    # Each of these words is rare, so no other event may be found.
    assert len(found) <= 2


@pytest.mark.parametrize("text", ("100%", "snake_case", "ac\\dc", "%lamps%", "_inylette", "\\"))
def test_pattern_characters_are_searched_literally(large_db: psycopg.Connection, text: str) -> None:
    for event in search(large_db, text):
        assert event["match_class"] == CORRECTED or text in event["title"].lower()


@pytest.mark.parametrize(
    "text", ("", " ", "%", "_", "\\", "''", "&&&", "🎫", "qqxqqxqq", "x" * 200)
)
def test_meaningless_searches_find_nothing(large_db: psycopg.Connection, text: str) -> None:
    found = search(large_db, text)

    assert [event["title"] for event in found if text.strip() not in event["title"]] == []


def test_results_are_sorted_by_match_and_then_by_time(large_db: psycopg.Connection) -> None:
    found = search(large_db, "quokka")

    assert [(event["title"], event["match_class"]) for event in found] == [
        ("Late Quokka Parade", TITLE),
        ("Quokka Parade", TITLE),
        ("Superquokka Show", EVERY_WORD),
        ("Dinner", VENUE_TOO),
    ]


def test_a_correctly_spelt_word_is_not_corrected(large_db: psycopg.Connection) -> None:
    assert {event["match_class"] for event in search(large_db, "quokka")} == {1, 2, 3}
    mistyped = search(large_db, "quoka")
    assert {event["match_class"] for event in mistyped} == {CORRECTED}
    assert len(mistyped) == 4


def test_only_upcoming_events_are_found(large_db: psycopg.Connection) -> None:
    gone = {title for title, _, days, status in SPECIAL if days < 0 or status != "active"}
    assert len(gone) == 3

    assert gone.isdisjoint(event["title"] for event in search(large_db, "quokka"))
    assert search(large_db, "farewell quokka") == []


def test_pages_list_every_match_once_in_order(large_db: psycopg.Connection) -> None:
    everything = search(large_db, "quiz the", limit=EVENTS)
    assert len(everything) > 50

    paged: list[dict[str, Any]] = []
    while page := search(large_db, "quiz the", after=paged[-1] if paged else None, limit=200):
        paged += page

    assert paged == everything
    order = [(e["match_class"], e["date_time"], e["event_id"]) for e in everything]
    assert order == sorted(order)


def test_a_time_range_limits_the_search(large_db: psycopg.Connection) -> None:
    found = search(large_db, "quokka", first=in_days(25.5), last=in_days(35))

    assert [event["title"] for event in found] == ["Late Quokka Parade", "Dinner"]


@pytest.mark.parametrize(
    ("zone", "starts"),
    (
        ("Pacific/Kiritimati", "2040-05-09 10:00+00"),  # +14: the 10th begins
        ("Pacific/Kiritimati", "2040-05-10 09:59:59+00"),
        ("Etc/GMT+12", "2040-05-10 12:00+00"),
        ("Etc/GMT+12", "2040-05-11 11:59:59+00"),  # -12: the 10th ends
        ("Europe/Berlin", "2040-05-09 22:00+00"),
    ),
)
def test_days_are_days_at_the_venue(
    rolled_back: psycopg.Connection, zone: str, starts: str
) -> None:
    add_event(rolled_back, title="Gala", time_zone=zone, date_time=starts)
    day = date(2040, 5, 10)

    assert len(search(rolled_back, "gala", days=(day, day))) == 1
    assert len(search(rolled_back, "gala", days=(day, None))) == 1
    assert len(search(rolled_back, "gala", days=(None, day))) == 1
    assert search(rolled_back, "gala", days=(None, date(2040, 5, 9))) == []
    assert search(rolled_back, "gala", days=(date(2040, 5, 11), None)) == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    (
        ("quokka", ["quokka"]),
        ("quoka", ["quokka"]),
        ("qoukka", ["quokka"]),
        ("uqokka", ["quokka"]),
        ("quokkaa", ["quokka"]),
        ("bxi", ["bix"]),
        ("xi", []),
        ("zauberflohte", ["zauberflote"]),
        ("zaubreflohtx", []),
        ("tschaikowskyana", ["tchaikovskyana"]),
    ),
)
def test_a_mistyped_word_is_corrected(
    large_db: psycopg.Connection, typed: str, meant: list[str]
) -> None:
    assert value(large_db, "SELECT correct_word(%s)", typed) == meant


def test_every_event_is_found_by_its_own_title(large_db: psycopg.Connection) -> None:
    sample = rows(
        large_db,
        "SELECT id, title FROM events WHERE status = 'active' AND date_time > now()"
        " AND id %% 1500 = 7",
    )
    assert len(sample) > 30

    for event in sample:
        found = rows(
            large_db,
            "SELECT event_id, match_class FROM search_events(%s, now(), 'infinity', NULL, NULL)",
            event["title"],
        )
        assert (event["id"], TITLE) in [tuple(row.values()) for row in found]
