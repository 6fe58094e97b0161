"""How ticket codes are made and read."""

import json
import re
from typing import Any, LiteralString

import psycopg
import pytest

from app.local.paths import ROOT
from tests.support.rows import (
    add_event,
    add_started_event,
    add_user,
    book,
    codes_of,
    repair,
    rows,
    value,
)

# The browser's tests read the same codes.
CODE_CASES: list[dict[str, Any]] = json.loads(
    (ROOT / "frontend/src/app/check-in/ticket-code-cases.json").read_text()
)


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
    # A wrong code that is accepted has Y and Z exchanged. It is the code that was meant only if the
    # single wrong symbol is a Y for a Z.
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
