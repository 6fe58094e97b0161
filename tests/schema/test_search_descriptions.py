"""A search that finds no title and no venue looks into the descriptions of the soonest events."""

import psycopg
import pytest

from tests.support.rows import add_event, add_started_event, in_days, rows

READ = 500
LENGTH = 500


def found(db: psycopg.Connection, search: str, category: str | None = None) -> list[int]:
    """Return the events that a search of all upcoming events finds, soonest first."""
    events = rows(
        db,
        "SELECT event_id FROM search_events(%s, now(), 'infinity', NULL, NULL, %s)"
        " ORDER BY date_time",
        search,
        category,
    )
    return [event["event_id"] for event in events]


@pytest.mark.parametrize(
    ("description", "search"),
    (
        ("Four comedians and one host.", "comedians host"),
        ("Four comedians and one host.", "COMEDIAN"),
        ("With a crème brûlée.", "creme brulee"),
        ("Eine Straße, zwei Bühnen.", "strasse"),
        ("Don\N{RIGHT SINGLE QUOTATION MARK}t tell anyone.", "don't tell"),
        ("Don't tell anyone.", "dont"),
        ("Ο γίγαντας.", "ΓΊΓΑΝΤΑΣ"),
        ("東京から来た三人。", "東京三人"),
        ("Half-hour introduction", "half hour"),
        ("A 50% discount", "50%"),
    ),
)
def test_a_word_of_a_description_is_found(
    rolled_back: psycopg.Connection, description: str, search: str
) -> None:
    event_id = add_event(rolled_back, title="Late Set", description=description)
    add_event(rolled_back, title="Late Set", description="Nothing of the kind.")

    assert found(rolled_back, search) == [event_id]


def test_the_words_may_be_in_title_venue_and_description(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(
        rolled_back, title="Late Set", venue="The Cellar", description="Four comedians."
    )

    assert found(rolled_back, "comedians cellar late") == [event_id]
    assert found(rolled_back, "comedians attic late") == []


def test_titles_and_venues_come_before_descriptions(rolled_back: psycopg.Connection) -> None:
    add_event(rolled_back, title="Late Set", description="No fiddle, no banjo.")
    titled = add_event(rolled_back, title="Fiddle Night")

    assert found(rolled_back, "fiddle") == [titled]


def test_a_word_of_a_description_is_not_corrected(rolled_back: psycopg.Connection) -> None:
    add_event(rolled_back, title="The Comets")
    described = add_event(rolled_back, title="Late Set", description="A comedy.")

    assert found(rolled_back, "comedy") == [described]


def test_only_coming_events_of_the_category_are_found(rolled_back: psycopg.Connection) -> None:
    text = {"title": "Late Set", "description": "A comedy."}
    add_started_event(rolled_back, **text)
    add_event(rolled_back, status="draft", **text)
    add_event(rolled_back, category="Film", **text)
    event_id = add_event(rolled_back, category="Theatre", **text)

    assert found(rolled_back, "comedy", "theatre") == [event_id]


def test_two_letters_are_not_looked_for_in_descriptions(rolled_back: psycopg.Connection) -> None:
    add_event(rolled_back, title="Late Set", description="A comedy.")

    assert found(rolled_back, "co") == []


def test_a_bounded_part_of_the_descriptions_is_read(rolled_back: psycopg.Connection) -> None:
    beginning = add_event(
        rolled_back, description="x" * (LENGTH - 6) + "comedy", date_time=in_days(2)
    )
    add_event(rolled_back, description="x" * (LENGTH - 5) + "comedy", date_time=in_days(2))
    for _ in range(READ - 3):
        add_event(rolled_back, date_time=in_days(3))
    last = add_event(rolled_back, description="A comedy.", date_time=in_days(4))
    add_event(rolled_back, description="A comedy.", date_time=in_days(5))

    assert found(rolled_back, "comedy") == [beginning, last]
