"""Generated data has the requested amount, and is as consistent as booked data."""

import io
from typing import Any, LiteralString

import psycopg
import pytest

from seeds import generate as generator
from seeds.generate import GenerateError, generate
from seeds.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def row(database_url: str, query: LiteralString) -> tuple[Any, ...]:
    with psycopg.connect(database_url) as connection:
        found = connection.execute(query).fetchone()
    assert found is not None
    return found


def counts(database_url: str) -> tuple[Any, ...]:
    return row(
        database_url,
        "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM bookings),"
        " (SELECT count(*) FROM users)",
    )


def test_a_small_run(database_url: str) -> None:
    reported: list[tuple[str, int, int]] = []
    generate(database_url, 2_000, 5_000, lambda *report: reported.append(report))
    assert counts(database_url) == (2_000, 5_000, 1_000)
    assert reported[-1] == ("bookings", 5_000, 5_000)
    assert (
        row(
            database_url,
            "SELECT count(*) FILTER (WHERE date_time > now() AND status = 'active') > 1500,"
            " count(*) FILTER (WHERE date_time < now() AND status = 'completed') > 100,"
            " count(*) FILTER (WHERE status = 'cancelled') > 20,"
            " count(*) FILTER (WHERE tickets_sold = capacity) > 20,"
            " count(*) FILTER (WHERE price = 0) > 100,"
            " count(DISTINCT title) > 1000, count(DISTINCT time_zone) > 20,"
            " max(bookings_count) > 200, sum(tickets_checked_in) > 100 FROM events",
        )
        == (True,) * 9
    )
    assert row(
        database_url,
        "SELECT min(quantity), max(quantity), count(DISTINCT status), max(booking_date) <= now()"
        " FROM bookings",
    ) == (1, 5, 2, True)
    assert row(
        database_url,
        "SELECT count(*) = count(parse_ticket_code(ticket_code)), count(DISTINCT status)"
        " FROM tickets",
    ) == (True, 3)


def test_generating_adds_to_existing_data(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Chunks end within an event.
    monkeypatch.setattr(generator, "CHUNK", 7)
    generate(database_url, 20, 50)
    generate(database_url, 20, 50)
    assert counts(database_url) == (40, 100, 20)


def test_the_same_seed_gives_the_same_data(database_url: str) -> None:
    digest: LiteralString = (
        "SELECT md5(string_agg(concat(title, venue, capacity, tickets_sold), '|' ORDER BY id))"
        " FROM events WHERE id > (SELECT max(id) - 50 FROM events)"
    )
    digests: list[str] = []
    for seed in (1, 1, 2):
        generate(database_url, 50, 100, seed=seed)
        digests += row(database_url, digest)
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(("events", "bookings"), ((0, 0), (10, 0), (1, 300)))
def test_extreme_amounts(database_url: str, events: int, bookings: int) -> None:
    generate(database_url, events, bookings)
    assert counts(database_url)[:2] == (events, bookings)


@pytest.mark.parametrize(("events", "bookings"), ((0, 1), (1, 500_000)))
def test_more_tickets_than_capacity_are_refused(
    database_url: str, events: int, bookings: int
) -> None:
    with pytest.raises(GenerateError):
        generate(database_url, events, bookings)
    assert counts(database_url) == (0, 0, 0)


def test_progress_is_a_bar_on_a_terminal() -> None:
    stream = Terminal()
    progress = Progress(stream)
    progress("events", 0, 10)
    progress("events", 5, 10)
    progress("events", 10, 10)
    assert [line[:44] for line in stream.getvalue().split("\r")] == [
        "",
        f"events   {'░' * 30}   0%",
        f"events   {'█' * 15}{'░' * 15}  50%",
        f"events   {'█' * 30} 100%",
    ]
    assert "left\x1b[K\r" in stream.getvalue()
    assert stream.getvalue().endswith("\n")


def test_progress_is_a_line_when_done_elsewhere() -> None:
    stream = io.StringIO()
    progress = Progress(stream)
    for done in range(11):
        progress("events", done, 10)
    assert stream.getvalue().count("\n") == 1
    assert "10 of 10" in stream.getvalue()
