"""A repeated request to create a webhook endpoint makes no second one."""

from typing import Any

import psycopg
import pytest

from tests.support.refusals import problem
from tests.support.rows import add_user, rows, value

URL = "https://hooks.example.org/in"
CREATE = (
    "SELECT (endpoint).*, replayed FROM create_webhook_endpoint_once(%s, %s::text[], %s, %s, %s)"
)


@pytest.fixture
def admin(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, role="admin")


def create(db: psycopg.Connection, admin: int, key: str | None, url: str = URL) -> dict[str, Any]:
    return rows(db, CREATE, url, ["booking.confirmed"], None, admin, key)[0]


def test_a_repeated_request_returns_the_endpoint_with_its_secret(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    first, again = (create(rolled_back, admin, "k") for _ in range(2))

    assert (first.pop("replayed"), again.pop("replayed")) == (False, True)
    assert again == first
    assert value(rolled_back, "SELECT count(*) FROM webhook_endpoints") == 1
    assert value(rolled_back, "SELECT count(*) FROM activity WHERE action = 'webhook-created'") == 1


def test_without_a_key_each_request_makes_an_endpoint(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    first, second = (create(rolled_back, admin, None) for _ in range(2))

    assert first["id"] != second["id"]
    assert not second["replayed"]
    assert value(rolled_back, "SELECT count(*) FROM webhook_creations") == 0


def test_a_key_belongs_to_one_request_of_one_admin(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    create(rolled_back, admin, "k")
    other = ("https://other.example/", ["booking.confirmed"], None, admin, "k")

    assert problem(rolled_back, CREATE, *other) == ("TK007", {})
    assert not create(rolled_back, add_user(rolled_back, role="admin"), "k")["replayed"]


def test_after_a_day_a_key_returns_no_secret_and_makes_another_endpoint(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    first = create(rolled_back, admin, "k")
    age = "UPDATE webhook_endpoints SET created_at = now() - %s::interval WHERE id = %s"

    rolled_back.execute(age, ["23 hours 59 minutes", first["id"]])
    assert create(rolled_back, admin, "k")["id"] == first["id"]
    rolled_back.execute(age, ["24 hours", first["id"]])
    second = create(rolled_back, admin, "k", "https://other.example/")

    assert (second["id"] == first["id"], second["replayed"]) == (False, False)
    assert create(rolled_back, admin, "k", "https://other.example/")["id"] == second["id"]


def test_the_key_of_a_deleted_endpoint_is_free(rolled_back: psycopg.Connection, admin: int) -> None:
    first = create(rolled_back, admin, "k")
    rolled_back.execute("SELECT delete_webhook_endpoint(%s, %s)", [first["id"], admin])

    assert not create(rolled_back, admin, "k")["replayed"]


def test_only_an_admin_can_use_a_key(rolled_back: psycopg.Connection, admin: int) -> None:
    create(rolled_back, admin, "k")
    rolled_back.execute("UPDATE users SET role = 'customer' WHERE id = %s", [admin])
    request = (URL, ["booking.confirmed"], None, admin, "k")

    assert problem(rolled_back, CREATE, *request)[0] == "TK020"
