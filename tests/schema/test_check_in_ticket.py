"""check_in_ticket uses a code exactly once; the format of ticket codes."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any, LiteralString

import psycopg
import pytest

from app.local.paths import ROOT
from tests.support.event_edits import update
from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.refusals import problem
from tests.support.rows import (
    add_event,
    add_started_event,
    add_user,
    book,
    codes_of,
    is_now,
    logged,
    repair,
    rows,
    value,
)

# The browser's tests read the same codes.
CODE_CASES: list[dict[str, Any]] = json.loads(
    (ROOT / "frontend/src/app/check-in/ticket-code-cases.json").read_text()
)
CHECK_IN: LiteralString = "SELECT * FROM check_in_ticket(%s, %s, %s)"


@pytest.fixture
def admin(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, role="admin")


def test_a_check_in_uses_the_ticket_and_counts_it(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    customer_id, event_id = add_user(rolled_back, name="Grace Hopper"), add_event(rolled_back)
    booking = book(rolled_back, customer_id, event_id, 2)
    code = booking["ticket_codes"][1]

    (answer,) = rows(rolled_back, CHECK_IN, code, event_id, admin)

    (ticket,) = rows(rolled_back, "SELECT * FROM tickets WHERE ticket_code = %s", code)
    assert is_now(rolled_back, ticket["used_at"])
    assert answer == {
        "ticket_id": ticket["id"],
        "ticket_code": code,
        "used_at": ticket["used_at"],
        "booking_id": booking["id"],
        "booking_quantity": 2,
        "customer_name": "Grace Hopper",
        "event_id": event_id,
        "event_title": "Jazz Night",
        "event_tickets_sold": 2,
        "event_tickets_checked_in": 1,
    }
    (entry,) = logged(rolled_back)
    assert (entry["action"], entry["ticket_id"], entry["actor_id"], entry["user_id"]) == (
        "ticket-admitted",
        ticket["id"],
        admin,
        customer_id,
    )
    assert code not in str(entry)


def test_only_admins_may_check_in(rolled_back: psycopg.Connection) -> None:
    customer_id, event_id = add_user(rolled_back), add_event(rolled_back)
    (code,) = book(rolled_back, customer_id, event_id, 1)["ticket_codes"]

    assert problem(rolled_back, CHECK_IN, code, event_id, customer_id) == ("TK020", {})
    assert problem(rolled_back, CHECK_IN, code, event_id, 0) == ("TK020", {})


def test_a_second_scan_reports_the_time_of_the_first(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    event_id = add_event(rolled_back)
    (code,) = book(rolled_back, admin, event_id, 1)["ticket_codes"]
    rolled_back.execute("SET TIME ZONE 'Asia/Tokyo'")
    rolled_back.execute(CHECK_IN, [code, event_id, admin])

    sqlstate, facts = problem(rolled_back, CHECK_IN, code, event_id, admin)

    assert sqlstate == "TK010"
    assert value(rolled_back, "SELECT %s::timestamptz = used_at FROM tickets", facts["used_at"])
    assert facts["used_at"].endswith("Z")


def test_a_used_ticket_stays_used_after_its_event_is_cancelled(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    event_id = add_event(rolled_back)
    used, unused = book(rolled_back, admin, event_id, 2)["ticket_codes"]
    rolled_back.execute(CHECK_IN, [used, event_id, admin])
    update(rolled_back, event_id, status="cancelled")

    assert problem(rolled_back, CHECK_IN, used, event_id, admin)[0] == "TK010"
    assert problem(rolled_back, CHECK_IN, unused, event_id, admin) == ("TK011", {})


@pytest.mark.parametrize("typed", ("", "hello", "0" * 21, "🎫" * 21, "1" * 10_000, None))
def test_an_impossible_code_is_reported_as_mistyped(
    rolled_back: psycopg.Connection, admin: int, typed: str | None
) -> None:
    expected = "TK009" if typed == "0" * 21 else "TK017"  # the check symbol of zeros is zero
    assert problem(rolled_back, CHECK_IN, typed, None, admin) == (expected, {})


def test_an_unknown_code_is_not_found(rolled_back: psycopg.Connection, admin: int) -> None:
    code = value(rolled_back, "SELECT new_ticket_code(1)")

    assert problem(rolled_back, CHECK_IN, code, None, admin) == ("TK009", {})


def test_a_cancelled_ticket_is_refused(rolled_back: psycopg.Connection, admin: int) -> None:
    booking = book(rolled_back, admin, add_event(rolled_back), 1)
    rolled_back.execute("SELECT cancel_booking(%s, %s)", [booking["id"], admin])

    assert problem(rolled_back, CHECK_IN, booking["ticket_codes"][0], None, admin) == ("TK011", {})


def test_a_ticket_for_another_event_names_it(rolled_back: psycopg.Connection, admin: int) -> None:
    (code,) = book(rolled_back, admin, add_event(rolled_back, title="Opera"), 1)["ticket_codes"]

    assert problem(rolled_back, CHECK_IN, code, add_event(rolled_back), admin) == (
        "TK012",
        {"event_title": "Opera"},
    )


def test_a_ticket_for_another_event_is_refused_without_waiting(
    db: psycopg.Connection, database_url: str
) -> None:
    admin, event_id = add_user(db, role="admin"), add_event(db, title="Opera")
    (code,) = book(db, admin, event_id, 1)["ticket_codes"]
    another_id = add_event(db)

    with psycopg.connect(database_url) as locking:
        locking.execute("SELECT FROM events FOR UPDATE")
        refused = problem(db, CHECK_IN, code, another_id, admin)

    assert refused == ("TK012", {"event_title": "Opera"})


def test_check_in_has_no_time_window(rolled_back: psycopg.Connection, admin: int) -> None:
    event_id = add_event(rolled_back)
    (code,) = book(rolled_back, admin, event_id, 1)["ticket_codes"]
    with repair(rolled_back):
        rolled_back.execute("UPDATE events SET created_at = '2000-01-01', date_time = '2000-01-02'")

    assert rows(rolled_back, CHECK_IN, code, event_id, admin)


def test_two_scanners_use_one_code_once(database_url: str, db: psycopg.Connection) -> None:
    raise_lock_timeout(db)
    admin_id, event_id = add_user(db, role="admin"), add_event(db)
    (code,) = book(db, admin_id, event_id, 1)["ticket_codes"]

    def scan() -> tuple[str | None, object]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            return problem(connection, CHECK_IN, code, event_id, admin_id)

    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as first:
        first.execute(CHECK_IN, [code, event_id, admin_id])
        second = threads.submit(scan)
        await_lock_waiters(db)
        first.commit()

        assert second.result()[0] == "TK010"
    assert len(logged(db)) == 1
    assert value(db, "SELECT tickets_checked_in FROM events") == 1


def test_either_a_scan_or_a_cancellation_wins(database_url: str, db: psycopg.Connection) -> None:
    raise_lock_timeout(db)
    user_id, event_id = add_user(db, role="admin"), add_event(db)
    booking = book(db, user_id, event_id, 1)

    def cancel() -> tuple[str | None, object]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            return problem(connection, "SELECT cancel_booking(%s, %s)", booking["id"], user_id)

    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as scanner:
        scanner.execute(CHECK_IN, [booking["ticket_codes"][0], event_id, user_id])
        cancelling = threads.submit(cancel)
        await_lock_waiters(db)
        scanner.commit()

        assert cancelling.result() == ("TK006", {"reason": "ticket-used"})


def test_a_code_is_read_in_any_notation(rolled_back: psycopg.Connection) -> None:
    for _ in range(50):
        code = value(rolled_back, "SELECT new_ticket_code((random() * 1e8)::bigint)")
        misread = code.replace("1", "I").replace("0", "O")
        typings = [
            code,
            code.lower(),
            code.replace("-", ""),
            code.replace("-", " "),
            f"  {code}\n",
            code.replace("-", "\N{EN DASH}"),
            misread,
            misread.lower().replace("i", "l"),
        ]
        parsed = value(
            rolled_back,
            "SELECT array_agg(DISTINCT parse_ticket_code(typed)) FROM unnest(%s::text[]) AS typed",
            typings,
        )
        assert parsed == [code]


@pytest.mark.parametrize("case", CODE_CASES, ids=lambda case: ascii(case["typed"]))
def test_a_code_is_read_as_in_the_browser(
    rolled_back: psycopg.Connection, case: dict[str, Any]
) -> None:
    readings = value(rolled_back, "SELECT ticket_code_readings(%s)", case["typed"])
    first = value(rolled_back, "SELECT parse_ticket_code(%s)", case["typed"])

    assert readings == case["readings"]
    assert first == (readings[0] if readings else None)


def test_the_tickets_tell_which_reading_of_a_code_was_meant(
    rolled_back: psycopg.Connection,
) -> None:
    printed, other = "0000B-ZJYN9-ZW0TY-G9CRS-8", "0000B-YJZN9-YW0TZ-G9CRS-8"
    meant: LiteralString = "SELECT ticket_code_meant(%s)"
    assert value(rolled_back, meant, printed) == printed
    book(rolled_back, add_user(rolled_back), add_event(rolled_back), 2)
    first, second = [row["id"] for row in rows(rolled_back, "SELECT id FROM tickets ORDER BY id")]

    with repair(rolled_back):
        rolled_back.execute("UPDATE tickets SET ticket_code = %s WHERE id = %s", [printed, first])
    assert value(rolled_back, meant, printed) == printed
    assert value(rolled_back, meant, other.replace("-", "ß")) == printed

    # Two tickets fit: which one it is would be a guess.
    with repair(rolled_back):
        rolled_back.execute("UPDATE tickets SET ticket_code = %s WHERE id = %s", [other, second])
    assert value(rolled_back, meant, other) is None


def test_a_single_wrong_symbol_never_gives_the_code(rolled_back: psycopg.Connection) -> None:
    code = value(rolled_back, "SELECT new_ticket_code(123456789)")
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    symbols = code.replace("-", "")
    wrong = [
        symbols[:place] + symbol + symbols[place + 1 :]
        for place in range(21)
        for symbol in alphabet
        if symbol != symbols[place]
    ]

    read = rows(
        rolled_back,
        "SELECT typed, reading FROM unnest(%s::text[]) AS typed,"
        " unnest(ticket_code_readings(typed)) AS reading",
        wrong,
    )

    assert len(wrong) == 21 * 31
    # What is left is a code only with Y and Z exchanged, and never the code that was meant, unless
    # the wrong symbol is a Y for a Z, and there is no other.
    exchange = str.maketrans("YZ", "ZY")
    for row in read:
        assert row["reading"].replace("-", "") == row["typed"].translate(exchange)
        assert row["reading"] != code or row["typed"] == symbols.translate(exchange)


def test_new_codes_are_well_formed_distinct_and_evenly_spread(
    rolled_back: psycopg.Connection,
) -> None:
    codes = [
        row["code"]
        for row in rows(
            rolled_back,
            "SELECT new_ticket_code(123456789) AS code, number"
            " FROM generate_series(1, 3000) AS number",
        )
    ]

    assert len(set(codes)) == len(codes)
    shape = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]")
    assert all(map(shape.fullmatch, codes))
    for place in range(5, 25):
        symbols = {code[place] for code in codes}
        assert len(symbols) == (1 if place in {5, 11, 17, 23} else 32)
    assert {code[:5] for code in codes} == {"NQK8N"}


def test_the_first_group_of_a_code_identifies_the_event(rolled_back: psycopg.Connection) -> None:
    found = rows(
        rolled_back,
        "SELECT id, ticket_code_group(id) AS written FROM unnest(%s::bigint[]) AS id",
        [1, 31, 32, 32**5 - 1, 32**5, 2**63 - 1],
    )

    assert {row["id"]: row["written"] for row in found} == {
        1: "00001",
        31: "0000Z",
        32: "00010",
        32**5 - 1: "ZZZZZ",
        32**5: "00000",
        2**63 - 1: "ZZZZZ",
    }


def test_tickets_of_a_manually_inserted_booking_get_codes(rolled_back: psycopg.Connection) -> None:
    event_id = add_started_event(rolled_back)
    booking_id = value(
        rolled_back,
        "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
        " VALUES (%s, %s, 2, 1, 2, %s) RETURNING id",
        user_id := add_user(rolled_back),
        event_id,
        user_id,
    )

    codes = codes_of(rolled_back, booking_id)
    assert len(set(codes)) == 2
    group = value(rolled_back, "SELECT ticket_code_group(%s)", event_id)
    assert {code[:5] for code in codes} == {group}
