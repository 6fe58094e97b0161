"""Admins disable accounts, change roles and sign people out."""

from typing import Any

import httpx2
import pytest

from app.data import passwords
from tests.support.application import Api, Caller
from tests.support.rows import add_event, logged


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


async def set_disabled(admin: Caller, user_id: int, disabled: bool) -> dict[str, Any]:
    response = await admin.put(f"/api/users/{user_id}/disabled", {"disabled": disabled})
    assert response.status_code == 200, response.text
    account: dict[str, Any] = response.json()
    return account


async def test_a_disabled_user_is_signed_out_until_the_account_is_enabled(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    booking = await ana.book(add_event(api.db))

    disabled = await set_disabled(admin, ana.id, True)

    assert (disabled["id"], disabled["disabled_at"] is not None) == (ana.id, True)
    assert problem(await ana.get("/api/account")) == (401, "not-signed-in")
    # The tickets are valid still.
    assert (await admin.read(f"/api/bookings/{booking['id']}"))["status"] == "confirmed"

    enabled = await set_disabled(admin, ana.id, False)

    assert enabled["disabled_at"] is None
    # The session from before stays ended.
    assert problem(await ana.get("/api/account")) == (401, "not-signed-in")
    assert (await api.anonymous.post("/api/sessions", ana.sign_in_body)).status_code == 201


async def test_strangers_are_not_told_that_an_account_is_disabled(api: Api) -> None:
    admin, ana, ben = api.admin(), api.customer(), api.customer("Ben Winter")
    await set_disabled(admin, ana.id, True)

    answers = []
    for body in (
        ana.sign_in_body,
        {**ana.sign_in_body, "password": "wrong"},
        {**ben.sign_in_body, "password": "wrong"},
    ):
        response = await api.anonymous.post("/api/sessions", body)
        request_id = response.headers.pop("x-request-id")
        answers.append((response.text.replace(request_id, ""), dict(response.headers)))
        assert problem(response) == (401, "sign-in-failed")
    assert answers[0] == answers[1] == answers[2]


async def test_the_password_of_a_disabled_user_is_not_even_compared(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So the answer takes as long as for a phone without an account."""
    admin, ana = api.admin(), api.customer()
    await set_disabled(admin, ana.id, True)
    compared: list[str | None] = []
    verify = passwords.Passwords.verify

    async def record(self: passwords.Passwords, hashed: str | None, password: str) -> Any:
        compared.append(hashed)
        return await verify(self, hashed, password)

    monkeypatch.setattr(passwords.Passwords, "verify", record)
    await api.anonymous.post("/api/sessions", ana.sign_in_body)

    assert compared == [None]


async def test_a_new_admin_signs_in_again(api: Api) -> None:
    admin, ana = api.admin(), api.customer()

    response = await admin.put(f"/api/users/{ana.id}/role", {"role": "admin"})

    assert (response.status_code, response.json()["role"]) == (200, "admin")
    assert problem(await ana.get("/api/users")) == (401, "not-signed-in")
    again = await api.anonymous.post("/api/sessions", ana.sign_in_body)
    assert again.json()["user"]["role"] == "admin"


async def test_a_demoted_admin_loses_the_open_session(api: Api) -> None:
    admin, other = api.admin(), api.admin("Olga Organiser")

    response = await admin.put(f"/api/users/{other.id}/role", {"role": "customer"})

    assert (response.status_code, response.json()["role"]) == (200, "customer")
    assert problem(await other.get("/api/users")) == (401, "not-signed-in")
    again = await api.anonymous.post("/api/sessions", other.sign_in_body)
    assert again.json()["user"]["role"] == "customer"


async def test_the_last_admin_stays(api: Api) -> None:
    admin = api.admin()

    for path, body in (("disabled", {"disabled": True}), ("role", {"role": "customer"})):
        response = await admin.put(f"/api/users/{admin.id}/{path}", body)
        assert problem(response) == (409, "last-admin")

    assert (await admin.get("/api/users")).status_code == 200


async def test_an_admin_signs_somebody_out_everywhere(api: Api) -> None:
    admin, ana, ben = api.admin(), api.customer(), api.customer("Ben Winter")

    assert (await admin.delete(f"/api/users/{ana.id}/sessions")).status_code == 204

    assert problem(await ana.get("/api/account")) == (401, "not-signed-in")
    assert (await ben.get("/api/account")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    (
        ("PUT", "disabled", {"disabled": True}),
        ("PUT", "role", {"role": "admin"}),
        ("DELETE", "sessions", None),
    ),
)
async def test_an_unknown_user_is_not_found(api: Api, method: str, path: str, body: Any) -> None:
    response = await api.admin().send(method, f"/api/users/99999/{path}", body)
    assert problem(response) == (404, "user-not-found")


async def test_the_log_has_ids_and_roles_only(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    await set_disabled(admin, ana.id, True)
    await admin.put(f"/api/users/{ana.id}/role", {"role": "admin"})
    await admin.delete(f"/api/users/{ana.id}/sessions")

    lines = (await admin.read("/api/admin/activity"))["items"]

    assert [(line["action"], line["user_id"], line["detail"]) for line in lines] == [
        ("user-changed", ana.id, {"signed_out": True}),
        ("user-changed", ana.id, {"was": {"role": "customer"}, "became": {"role": "admin"}}),
        ("user-changed", ana.id, {"was": {"disabled": False}, "became": {"disabled": True}}),
    ]
    assert ana.person.name not in str([line["detail"] for line in logged(api.db)])


async def test_the_list_of_users_shows_admins_only_or_disabled_users_only(api: Api) -> None:
    admin, ana, ben = api.admin(), api.customer(), api.customer("Ben Winter", password_hash=None)
    await set_disabled(admin, ben.id, True)

    async def listed(query: str) -> list[int]:
        return [user["id"] for user in (await admin.read(f"/api/users{query}"))["items"]]

    assert await listed("") == [ben.id, ana.id, admin.id]
    assert await listed("?only=admins") == [admin.id]
    assert await listed("?only=disabled") == [ben.id]
    assert await listed("?only=disabled&search=ana") == []
    assert problem(await admin.get("/api/users?only=others")) == (422, "validation")
    first, second, _ = (await admin.read("/api/users"))["items"]
    assert (first["has_password"], first["disabled_at"] is not None) == (False, True)
    assert (second["has_password"], second["disabled_at"]) == (True, None)
    assert second["phone_verified"] is False
