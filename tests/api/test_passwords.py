"""Passwords that people choose: another one for their own account, or one with an admin's code."""

import re
from http.cookies import SimpleCookie
from typing import Any

import httpx2
import pytest

from app.http.typed_codes import code_hash, new_code, typed_code
from tests.support.application import Api, Caller
from tests.support.bodies import PASSWORD, new_user
from tests.support.people import Person, add_session
from tests.support.rows import in_days, rows, value

NEW_PASSWORD = "seventeen geese"


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


def pointers(response: httpx2.Response) -> list[str]:
    return [error["pointer"] for error in response.json()["errors"]]


async def change(caller: Caller, current: str = PASSWORD, new: str = NEW_PASSWORD) -> Any:
    body = {"current_password": current, "new_password": new}
    return await caller.put("/api/account/password", body)


async def make_code(admin: Caller, user_id: int) -> str:
    made = await admin.post(f"/api/users/{user_id}/password-code")
    assert made.status_code == 201, made.text
    code: str = made.json()["code"]
    return code


async def use_code(api: Api, account: str, code: str, password: str = NEW_PASSWORD) -> Any:
    body = {"account": account, "code": code, "password": password}
    return await api.anonymous.put("/api/password-codes", body)


async def signs_in(api: Api, caller: Caller, password: str) -> bool:
    credentials = {**caller.sign_in_body, "password": password}
    return (await api.anonymous.post("/api/sessions", credentials)).status_code == 201


async def test_a_new_password_replaces_the_old_one(api: Api) -> None:
    ana = api.customer()
    assert (await change(ana)).status_code == 204
    assert not await signs_in(api, ana, PASSWORD)
    assert await signs_in(api, ana, NEW_PASSWORD)


async def test_a_new_password_ends_the_other_sessions_and_gives_this_one_a_new_token(
    api: Api,
) -> None:
    ana = api.customer()
    elsewhere = add_session(api.db, ana.id)
    cookies = SimpleCookie()
    for cookie in (await change(ana)).headers.get_list("set-cookie"):
        cookies.load(cookie)
    person = ana.person
    here = api.caller(Person(person.id, person.name, person.phone, cookies["session"].value))

    assert (await here.read("/api/sessions/current"))["user"]["id"] == ana.id
    assert len((await here.read("/api/sessions"))["items"]) == 1
    for token in (person.token, elsewhere):
        ended = api.caller(Person(person.id, person.name, person.phone, token))
        assert (await ended.read("/api/sessions/current"))["user"] is None
    # The browser is still known to the account.
    known = value(api.db, "SELECT count(*) FROM known_devices WHERE user_id = %s", ana.id)
    assert (known, "device" in cookies) == (1, True)


async def test_a_new_password_needs_the_current_one(api: Api) -> None:
    ana = api.customer()
    assert problem(await change(ana, "not the password")) == (403, "password-wrong")
    for _ in range(9):
        await change(ana, "not the password")
    assert problem(await change(ana)) == (429, "too-many-attempts")
    assert (await ana.read("/api/sessions/current"))["user"] is not None


@pytest.mark.parametrize("weak", ("password1", "12345678", "marquee1", "sommer2027", "short"))
async def test_a_weak_password_is_refused_as_at_signing_up(api: Api, weak: str) -> None:
    ana = api.customer("Ana Sommer")
    refused = await change(ana, new=weak)
    assert (problem(refused), pointers(refused)) == ((422, "validation"), ["/new_password"])
    code = await make_code(api.admin(), ana.id)
    refused = await use_code(api, ana.person.phone, code, weak)
    assert (problem(refused), pointers(refused)) == ((422, "validation"), ["/password"])
    assert await signs_in(api, ana, PASSWORD)


async def test_a_new_password_ends_links_and_codes_for_a_password(api: Api) -> None:
    ana = api.customer(email="ana@example.org", email_verified_at=in_days(-1))
    code = await make_code(api.admin(), ana.id)
    await api.anonymous.post("/api/password-resets", {"account": ana.person.phone})
    await change(ana)
    assert problem(await use_code(api, ana.person.phone, code)) == (410, "code-not-valid")
    unsent = "SELECT count(*) FROM mails WHERE next_attempt_at IS NOT NULL"
    assert value(api.db, unsent) == 0


async def test_a_person_changes_their_own_name(api: Api) -> None:
    ana = api.customer("Ana Sommer")
    changed = await ana.put("/api/account/name", {"name": " Ana Herbst "})
    assert (changed.status_code, changed.json()["name"]) == (200, "Ana Herbst")
    await ana.put("/api/account/name", {"name": "Ana Herbst"})
    lines = rows(api.db, "SELECT actor_id, user_id, detail FROM activity")
    assert lines == [{"actor_id": ana.id, "user_id": ana.id, "detail": {"new_name": True}}]


async def test_a_customer_of_the_box_office_gets_a_password_by_a_code(api: Api) -> None:
    admin, body = api.admin(), new_user(password=None)
    user = (await admin.post("/api/users", body)).json()
    made = (await admin.post(f"/api/users/{user['id']}/password-code")).json()
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", made["code"])

    assert (await use_code(api, body["phone"], made["code"])).status_code == 204
    credentials = {"phone": body["phone"], "password": NEW_PASSWORD}
    assert (await api.anonymous.post("/api/sessions", credentials)).status_code == 201


async def test_a_code_works_once_and_ends_all_sessions(api: Api) -> None:
    ana = api.customer()
    code = await make_code(api.admin(), ana.id)
    assert (await use_code(api, ana.person.phone, code)).status_code == 204
    assert (await ana.read("/api/sessions/current"))["user"] is None
    again = await use_code(api, ana.person.phone, code, "another password")
    assert problem(again) == (410, "code-not-valid")
    assert await signs_in(api, ana, NEW_PASSWORD)


async def test_a_code_is_read_however_it_is_typed(api: Api) -> None:
    ana = api.customer()
    api.db.execute(
        "INSERT INTO password_codes (user_id, code_hash) VALUES (%s, %s)",
        [ana.id, code_hash("0123-ABCD-1110")],
    )
    typed = await use_code(api, ana.person.phone, " o123 abcd-ilIO ")
    assert typed.status_code == 204


async def test_a_new_code_replaces_the_earlier_one(api: Api) -> None:
    ana, admin = api.customer(), api.admin()
    earlier, later = await make_code(admin, ana.id), await make_code(admin, ana.id)
    assert problem(await use_code(api, ana.person.phone, earlier)) == (410, "code-not-valid")
    assert (await use_code(api, ana.person.phone, later)).status_code == 204


async def test_a_code_is_valid_for_15_minutes_and_for_one_account(api: Api) -> None:
    ana, ben, admin = api.customer(), api.customer("Ben Winter"), api.admin()
    code = await make_code(admin, ana.id)
    left = "SELECT expires_at - now() FROM password_codes"
    assert 890 < value(api.db, left).total_seconds() <= 900
    for account in (ben.person.phone, "+49171999999", "nobody@example.org"):
        assert problem(await use_code(api, account, code)) == (410, "code-not-valid")
    api.db.execute("UPDATE password_codes SET expires_at = now() - interval '1 second'")
    assert problem(await use_code(api, ana.person.phone, code)) == (410, "code-not-valid")


async def test_wrong_codes_count_as_failed_sign_ins(api: Api) -> None:
    ana = api.customer()
    code = await make_code(api.admin(), ana.id)
    for _ in range(10):
        assert (await use_code(api, ana.person.phone, new_code(12))).status_code == 410
    assert problem(await use_code(api, ana.person.phone, code)) == (429, "too-many-attempts")
    # Another code lets somebody in who has tried too often.
    code = await make_code(api.admin(), ana.id)
    assert (await use_code(api, ana.person.phone, code)).status_code == 204
    assert value(api.db, "SELECT count(*) FROM sign_in_failures") == 0


async def test_a_disabled_or_unknown_account_gets_no_password(api: Api) -> None:
    ana, admin = api.customer(), api.admin()
    code = await make_code(admin, ana.id)
    await admin.put(f"/api/users/{ana.id}/disabled", {"disabled": True})
    assert problem(await use_code(api, ana.person.phone, code)) == (410, "code-not-valid")
    unknown = await admin.post(f"/api/users/{2**63 - 1}/password-code")
    assert problem(unknown) == (404, "user-not-found")
    api.db.execute("SELECT erase_user(%s, NULL)", [ana.id])
    erased = await admin.post(f"/api/users/{ana.id}/password-code")
    assert problem(erased) == (409, "user-erased")


async def test_only_the_hash_of_a_code_is_kept(api: Api) -> None:
    ana = api.customer()
    code = await make_code(api.admin(), ana.id)
    (kept,) = rows(api.db, "SELECT code_hash FROM password_codes")
    assert bytes(kept["code_hash"]) == code_hash(typed_code(12)(code))
