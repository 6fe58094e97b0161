"""Unsubscribing: by the page of a link, and by the button of a mail program (RFC 8058)."""

from typing import Any

import pytest

from tests.support.application import Api
from tests.support.rows import add_mail_link, value

ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def wants(api: Api, user_id: int) -> Any:
    return value(api.db, "SELECT optional_mail FROM users WHERE id = %s", user_id)


@pytest.fixture
def reader(api: Api) -> int:
    ana = api.customer()
    add_mail_link(api.db, ana.id, "unsubscription", "secret")
    return ana.id


async def test_a_link_unsubscribes_and_stays_valid(api: Api, reader: int) -> None:
    for _ in range(2):
        done = await api.anonymous.post("/api/unsubscriptions", {"token": "secret"})
        assert done.status_code == 204
    assert not wants(api, reader)
    refused = await api.anonymous.post("/api/unsubscriptions", {"token": "other"})
    assert (refused.status_code, refused.json()["type"]) == (410, "/problems/link-not-valid")


@pytest.mark.parametrize(
    "origin",
    (
        {},
        {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
    ),
)
async def test_a_mail_program_unsubscribes_without_a_session_from_any_site(
    api: Api, reader: int, origin: dict[str, str]
) -> None:
    done = await api.anonymous.post(
        "/unsubscribe?token=secret", headers=FORM | origin, content=ONE_CLICK
    )
    assert done.status_code == 200
    assert "set-cookie" not in done.headers
    assert not wants(api, reader)


async def test_a_mail_program_may_send_a_multipart_form(api: Api, reader: int) -> None:
    files = {"List-Unsubscribe": (None, "One-Click")}
    done = await api.anonymous.post("/unsubscribe?token=secret", files=files)
    assert done.status_code == 200
    assert not wants(api, reader)


@pytest.mark.parametrize("query", ("", "?token=", "?token=other", f"?token={'x' * 500}"))
async def test_another_token_unsubscribes_nobody(api: Api, reader: int, query: str) -> None:
    refused = await api.anonymous.post(f"/unsubscribe{query}", headers=FORM, content=ONE_CLICK)
    assert (refused.status_code, refused.json()["type"]) == (410, "/problems/link-not-valid")
    assert wants(api, reader)


async def test_opening_the_link_changes_nothing(built: Api, reader: int) -> None:
    for method in ("GET", "HEAD"):
        page = await built.anonymous.send(method, "/unsubscribe?token=secret")
        assert page.status_code == 200
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert "secret" not in page.text
    assert wants(built, reader)
    assert (await built.anonymous.put("/unsubscribe?token=secret")).status_code == 405
