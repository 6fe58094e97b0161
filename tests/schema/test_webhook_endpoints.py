"""What admins do with webhook endpoints: their secrets, their state, and the lines in the log."""

import json
from typing import Any, LiteralString

import psycopg
import pytest

from tests.schema.test_facts import add_endpoint, fan_out
from tests.schema.test_webhook_deliveries import claim, finish
from tests.support.refusals import problem
from tests.support.rows import add_event, add_user, rows, value

URL = "https://hooks.example.org/in?token=s3cret"


@pytest.fixture
def admin(db: psycopg.Connection) -> int:
    return add_user(db, role="admin")


def create(db: psycopg.Connection, admin: int, **given: Any) -> dict[str, Any]:
    url, types, event_id = given.get("url", URL), given.get("types", []), given.get("event_id")
    query = "SELECT * FROM create_webhook_endpoint(%s, %s::text[], %s, %s)"
    return rows(db, query, url, types, event_id, admin)[0]


def update(db: psycopg.Connection, endpoint: dict[str, Any], admin: int, enabled: bool) -> None:
    db.execute(
        "SELECT update_webhook_endpoint(%s, %s, %s, %s, %s, %s)",
        [endpoint["id"], endpoint["url"], endpoint["types"], endpoint["event_id"], enabled, admin],
    )


def row_of(db: psycopg.Connection, endpoint: dict[str, Any]) -> dict[str, Any]:
    return rows(db, "SELECT * FROM webhook_endpoints WHERE id = %s", endpoint["id"])[0]


def log(db: psycopg.Connection) -> list[tuple[str, int | None, dict[str, Any]]]:
    found = rows(db, "SELECT * FROM activity WHERE action::text LIKE 'webhook-%%' ORDER BY id")
    return [(row["action"], row["actor_id"], row["detail"]) for row in found]


def test_the_database_makes_a_secret_that_the_log_does_not_hold(
    db: psycopg.Connection, admin: int
) -> None:
    first, second = create(db, admin), create(db, admin, types=["booking.confirmed"])

    assert len(first["secret"]) == len(second["secret"]) == 32
    assert first["secret"] != second["secret"]
    text = value(db, "SELECT webhook_secret_text(%s)", first["secret"])
    assert text.startswith("whsec_")
    assert len(text) == len("whsec_") + 44
    detail = {"webhook_id": first["id"], "host": "hooks.example.org"}
    assert log(db)[0] == ("webhook-created", admin, detail)
    assert "s3cret" not in json.dumps(log(db))


def test_the_log_names_no_password_in_an_address(db: psycopg.Connection) -> None:
    db.execute(
        "SELECT create_webhook_endpoint("
        "'https://me:pa55@hooks.example.org:8443/', '{}', NULL, NULL)"
    )

    ((action, actor, detail),) = log(db)
    assert (action, actor) == ("webhook-created", None)
    assert (detail["host"], detail["login"]) == ("hooks.example.org:8443", "owner")


def test_what_admins_do_with_webhooks_is_a_fact_without_addresses(
    db: psycopg.Connection, admin: int
) -> None:
    endpoint = create(db, admin)
    update(db, endpoint, admin, enabled=True)
    db.execute("SELECT rotate_webhook_secret(%s, %s)", [endpoint["id"], admin])
    db.execute("SELECT delete_webhook_endpoint(%s, %s)", [endpoint["id"], admin])

    found = rows(db, "SELECT type, data FROM facts WHERE type LIKE 'webhook.%%' ORDER BY id")
    assert [row["type"] for row in found] == [
        "webhook.created",
        "webhook.changed",
        "webhook.changed",
        "webhook.deleted",
    ]
    assert all(row["data"] == {"actor_id": admin, "webhook_id": endpoint["id"]} for row in found)
    assert rows(db, "SELECT FROM webhook_endpoints") == []


def test_an_endpoint_that_is_enabled_again_is_not_failing(
    db: psycopg.Connection, admin: int
) -> None:
    endpoint = create(db, admin)
    fan_out(db)
    finish(db, claim(db, endpoint["id"])[0], 410)
    gone = row_of(db, endpoint)
    assert gone["gone_at"] == gone["disabled_at"] is not None
    assert gone["failing_since"] is not None

    update(db, endpoint, admin, enabled=False)
    assert row_of(db, endpoint)["disabled_at"] == gone["disabled_at"]
    update(db, endpoint, admin, enabled=True)

    row = row_of(db, endpoint)
    assert (row["disabled_at"], row["gone_at"], row["failing_since"]) == (None, None, None)
    update(db, endpoint, admin, enabled=False)
    assert row_of(db, endpoint)["disabled_at"] is not None
    assert row_of(db, endpoint)["gone_at"] is None


def test_an_edit_does_not_hide_that_an_endpoint_fails(db: psycopg.Connection, admin: int) -> None:
    endpoint = create(db, admin)
    fan_out(db)
    finish(db, claim(db, endpoint["id"])[0], 500)

    update(db, endpoint, admin, enabled=True)

    assert row_of(db, endpoint)["failing_since"] is not None


def test_the_previous_secret_signs_for_a_day(db: psycopg.Connection, admin: int) -> None:
    endpoint = create(db, admin)
    query = "SELECT secret, previous_until - now() AS left FROM rotate_webhook_secret(%s, %s)"
    (rotated,) = rows(db, query, endpoint["id"], admin)

    assert rotated["secret"] != endpoint["secret"]
    assert 23.9 < rotated["left"].total_seconds() / 3600 <= 24.1
    fan_out(db)
    assert claim(db, endpoint["id"])[0]["secrets"] == [rotated["secret"], endpoint["secret"]]
    assert log(db)[-1][2]["new_secret"] is True


def test_a_test_goes_first_and_is_sent_once(db: psycopg.Connection, admin: int) -> None:
    endpoint = create(db, admin)
    add_event(db)
    fan_out(db)
    db.execute("UPDATE webhook_deliveries SET next_attempt_at = now() - interval '1 day'")
    query = "SELECT * FROM test_webhook_endpoint(%s, %s)"
    first, second = (rows(db, query, endpoint["id"], admin)[0] for _ in range(2))

    claimed = claim(db, endpoint["id"], 1)
    assert [one["id"] for one in claimed] == [first["id"]]
    assert json.loads(claimed[0]["body"])["type"] == "webhook.test"
    assert first["source_id"] != second["source_id"]
    finish(db, claimed[0], 500)
    tested = rows(db, "SELECT * FROM webhook_deliveries WHERE id = %s", first["id"])[0]
    assert (tested["given_up_at"] is not None, tested["next_attempt_at"]) == (True, None)
    assert (tested["attempts"], tested["last_status"]) == (1, 500)
    assert tested["attempted_at"] == tested["given_up_at"]


def test_a_disabled_endpoint_is_sent_nothing(db: psycopg.Connection, admin: int) -> None:
    endpoint = create(db, admin)
    update(db, endpoint, admin, enabled=False)

    for query in ("SELECT test_webhook_endpoint(%s, %s)", REPLAY):
        assert problem(db, query, endpoint["id"], admin)[0] == "TK022"


REPLAY: LiteralString = "SELECT replay_facts(%s, now() - interval '1 hour', now(), %s)"
CALLS: tuple[LiteralString, ...] = (
    "SELECT update_webhook_endpoint(%s, 'https://a.example/', '{}', NULL, true, %s)",
    "SELECT rotate_webhook_secret(%s, %s)",
    "SELECT delete_webhook_endpoint(%s, %s)",
    "SELECT test_webhook_endpoint(%s, %s)",
    REPLAY,
)


@pytest.mark.parametrize("query", CALLS)
def test_unknown_endpoints_and_other_people_are_refused(
    db: psycopg.Connection, admin: int, query: LiteralString
) -> None:
    endpoint_id = add_endpoint(db)

    assert problem(db, query, endpoint_id + 1, admin)[0] == "TK021"
    assert problem(db, query, endpoint_id, add_user(db))[0] == "TK020"
    assert log(db) == []


def test_only_admins_create_endpoints(db: psycopg.Connection) -> None:
    query = "SELECT create_webhook_endpoint('https://a.example/', '{}', NULL, %s)"

    assert problem(db, query, add_user(db))[0] == "TK020"


def test_sending_again_is_in_the_log(db: psycopg.Connection, admin: int) -> None:
    endpoint = create(db, admin)

    db.execute(REPLAY, [endpoint["id"], admin])

    action, actor, detail = log(db)[-1]
    assert (action, actor, detail["messages"]) == ("webhook-replayed", admin, 1)
    assert {"from", "to"} < detail.keys()


def test_old_deliveries_are_deleted_in_batches(db: psycopg.Connection) -> None:
    endpoint_id = add_endpoint(db)
    ages = {"delivered_at": (29, 31, 32, 33), "given_up_at": (31, 89, 91, 92)}
    for column, days in ages.items():
        for age in days:
            add_delivery(db, endpoint_id, column, age)
    db.execute("UPDATE webhook_endpoints SET disabled_at = now()")
    add_waiting(db, endpoint_id)

    assert value(db, "SELECT delete_old_deliveries(2)") == 4
    assert value(db, "SELECT delete_old_deliveries(2)") == 1
    assert value(db, "SELECT delete_old_deliveries(2)") == 0

    left = rows(db, "SELECT source_id FROM webhook_deliveries ORDER BY source_id")
    assert [row["source_id"] for row in left] == [0, 29, 1031, 1089]


def add_delivery(db: psycopg.Connection, endpoint_id: int, column: str, age: int) -> None:
    delivered = column == "delivered_at"
    db.execute(
        "INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body,"
        " next_attempt_at, delivered_at, given_up_at)"
        " SELECT %(endpoint)s, 'test', %(id)s, 'webhook.test', '{}', NULL,"
        " CASE WHEN %(delivered)s THEN at END, CASE WHEN NOT %(delivered)s THEN at END"
        " FROM (SELECT now() - %(age)s * interval '1 day' AS at) AS moment",
        {
            "endpoint": endpoint_id,
            "id": age if delivered else 1000 + age,
            "delivered": delivered,
            "age": age,
        },
    )


def add_waiting(db: psycopg.Connection, endpoint_id: int) -> None:
    """Add a delivery of long ago that is still to be sent."""
    db.execute(
        "INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body, created_at)"
        " VALUES (%s, 'test', 0, 'webhook.test', '{}', now() - interval '1 year')",
        [endpoint_id],
    )
