"""Deliveries to webhook endpoints: claims, answers, attempts and replays."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.schema.test_facts import add_endpoint, fan_out
from tests.support.refusals import problem
from tests.support.rows import add_event, add_user, rows, value


@pytest.fixture
def endpoint_id(db: psycopg.Connection) -> int:
    """An endpoint to which one fact is to be sent."""
    endpoint_id = add_endpoint(db)
    add_event(db)
    assert fan_out(db) == 1
    return endpoint_id


def claim(db: psycopg.Connection, endpoint_id: int, at_most: int = 10) -> list[dict[str, Any]]:
    query = "SELECT * FROM claim_deliveries(%s, %s, '1 minute')"
    return rows(db, query, endpoint_id, at_most)


def finish(
    db: psycopg.Connection,
    delivery: dict[str, Any],
    status: int | None,
    retry_after: str | None = None,
) -> None:
    db.execute(
        "SELECT finish_delivery(%s, %s, 'it failed', %s)", [delivery["id"], status, retry_after]
    )


def make_due(db: psycopg.Connection) -> None:
    db.execute(
        "UPDATE webhook_deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL"
    )


def delivery_row(db: psycopg.Connection) -> dict[str, Any]:
    return rows(db, "SELECT * FROM webhook_deliveries")[0]


def endpoint_row(db: psycopg.Connection) -> dict[str, Any]:
    return rows(db, "SELECT * FROM webhook_endpoints")[0]


def test_a_claimed_delivery_is_left_alone_until_its_claim_ends(
    db: psycopg.Connection, endpoint_id: int
) -> None:
    (delivery,) = claim(db, endpoint_id)

    assert claim(db, endpoint_id) == []
    make_due(db)
    (again,) = claim(db, endpoint_id)
    assert (again["message_id"], again["body"]) == (delivery["message_id"], delivery["body"])
    assert delivery["message_id"].startswith("fact_activity_")


def test_an_answer_2xx_ends_a_delivery(db: psycopg.Connection, endpoint_id: int) -> None:
    finish(db, claim(db, endpoint_id)[0], 204)

    row = delivery_row(db)
    assert (row["delivered_at"] is not None, row["next_attempt_at"]) == (True, None)
    assert (row["last_status"], row["last_error"]) == (204, None)
    assert endpoint_row(db)["failing_since"] is None


def test_attempts_spread_over_three_days_and_then_end(
    db: psycopg.Connection, endpoint_id: int
) -> None:
    waits = []
    for _ in range(10):
        (delivery,) = claim(db, endpoint_id)
        finish(db, delivery, 500)
        waits.append(
            value(db, "SELECT next_attempt_at - clock_timestamp() FROM webhook_deliveries")
        )
        make_due(db)

    planned = [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    for wait, seconds in zip(waits, planned, strict=False):
        assert 0.85 * seconds <= wait.total_seconds() <= 1.1 * seconds
    assert timedelta(days=3) < timedelta(seconds=sum(planned)) < timedelta(days=3.5)
    row = delivery_row(db)
    assert (row["next_attempt_at"], row["given_up_at"] is not None) == (None, True)
    assert (row["attempts"], row["last_error"]) == (10, "it failed")


@pytest.mark.parametrize("status", (None, 302, 404, 429, 500))
def test_any_other_answer_is_tried_again(
    db: psycopg.Connection, endpoint_id: int, status: int | None
) -> None:
    finish(db, claim(db, endpoint_id)[0], status)

    assert delivery_row(db)["next_attempt_at"] is not None
    assert endpoint_row(db)["failing_since"] is not None


def test_retry_after_is_kept_up_to_a_day(db: psycopg.Connection, endpoint_id: int) -> None:
    wait = "SELECT next_attempt_at - clock_timestamp() FROM webhook_deliveries"
    finish(db, claim(db, endpoint_id)[0], 503, "1 hour")
    assert timedelta(minutes=59) < value(db, wait) <= timedelta(hours=1)
    make_due(db)
    finish(db, claim(db, endpoint_id)[0], 503, "900 days")
    assert timedelta(hours=23) < value(db, wait) <= timedelta(hours=24)


def test_410_disables_the_endpoint(db: psycopg.Connection, endpoint_id: int) -> None:
    finish(db, claim(db, endpoint_id)[0], 500)
    make_due(db)
    finish(db, claim(db, endpoint_id)[0], 410)

    assert endpoint_row(db)["disabled_at"] is not None
    assert delivery_row(db)["given_up_at"] is not None
    add_event(db)
    fan_out(db)
    assert claim(db, endpoint_id) == []


def test_an_endpoint_that_fails_gets_one_message_at_a_time(
    db: psycopg.Connection, endpoint_id: int
) -> None:
    for _ in range(3):
        add_event(db)
    fan_out(db)
    finish(db, claim(db, endpoint_id)[0], 500)
    make_due(db)

    (delivery,) = claim(db, endpoint_id)
    finish(db, delivery, 200)
    make_due(db)
    assert len(claim(db, endpoint_id)) == 3


def test_a_late_answer_changes_nothing_after_another_process_delivered(
    db: psycopg.Connection, endpoint_id: int
) -> None:
    (slow,) = claim(db, endpoint_id)
    make_due(db)
    (quick,) = claim(db, endpoint_id)
    finish(db, quick, 200)
    finish(db, slow, None)

    assert delivery_row(db)["delivered_at"] is not None
    assert endpoint_row(db)["failing_since"] is None


def test_the_previous_secret_signs_until_its_time_is_over(
    db: psycopg.Connection, endpoint_id: int
) -> None:
    statement = (
        "UPDATE webhook_endpoints SET previous_secret = sha256('old'),"
        " previous_until = now() + %s::interval"
    )
    db.execute(statement, ["1 hour"])
    assert len(claim(db, endpoint_id)[0]["secrets"]) == 2
    make_due(db)
    db.execute(statement, ["-1 second"])
    assert claim(db, endpoint_id)[0]["secrets"] == [b"k" * 32]


def test_a_span_is_sent_again_with_the_same_ids_and_bytes(
    db: psycopg.Connection, endpoint_id: int
) -> None:
    admin = add_user(db, role="admin")
    fan_out(db)
    (sent,) = claim(db, endpoint_id)
    finish(db, sent, 200)
    db.execute("DELETE FROM webhook_deliveries WHERE id <> %s", [sent["id"]])
    span = "SELECT replay_facts(%s, '-infinity', %s, %s)"
    to = value(db, "SELECT now()")

    assert value(db, span, endpoint_id, to, admin) == 1
    (again,) = claim(db, endpoint_id)
    assert (again["message_id"], again["body"]) == (sent["message_id"], sent["body"])
    db.execute("DELETE FROM webhook_deliveries")
    assert value(db, span, endpoint_id, to, admin) == 1
    (again,) = claim(db, endpoint_id)
    assert (again["message_id"], again["body"]) == (sent["message_id"], sent["body"])


def test_only_an_admin_sends_a_span_again(db: psycopg.Connection, endpoint_id: int) -> None:
    customer = add_user(db)

    query = "SELECT replay_facts(%s, now(), now(), %s)"

    assert problem(db, query, endpoint_id, customer)[0] == "TK020"
