"""Signing in and out, and the stored sessions."""

import hashlib
from http.cookies import SimpleCookie

import httpx2
import pytest
from argon2 import PasswordHasher

from app.data import passwords
from tests.support.application import Api
from tests.support.bodies import PASSWORD, new_user
from tests.support.people import add_session
from tests.support.rows import rows, value


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


async def test_the_session_cookie_is_http_only_and_same_site(
    api: Api,
) -> None:
    ana = api.customer()
    response = await api.anonymous.post("/api/sessions", ana.sign_in_body)
    cookie = SimpleCookie(response.headers.get_list("set-cookie")[0])["session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert (cookie["max-age"], cookie["domain"], cookie["secure"]) == (str(30 * 86_400), "", "")
    # 256 random bits in base64.
    assert len(cookie.value) == 43
    session = {"Cookie": f"session={cookie.value}"}
    current = await api.anonymous.get("/api/sessions/current", headers=session)
    assert current.json() == response.json()
    assert current.json()["user"]["id"] == ana.id


async def test_the_cookie_is_secure_on_https(api: Api) -> None:
    ana = api.customer()
    response = await api.anonymous.post("https://marquee.localhost/api/sessions", ana.sign_in_body)
    assert SimpleCookie(response.headers.get_list("set-cookie")[0])["session"]["secure"] is True
    response = await api.anonymous.delete("https://marquee.localhost/api/sessions/current")
    assert SimpleCookie(response.headers.get_list("set-cookie")[0])["session"]["secure"] is True


async def test_the_database_holds_only_the_hash_of_a_token(api: Api) -> None:
    ana = api.customer()
    api.db.execute("DELETE FROM sessions")
    response = await api.anonymous.post("/api/sessions", ana.sign_in_body)
    token = SimpleCookie(response.headers.get_list("set-cookie")[0])["session"].value
    (session,) = rows(api.db, "SELECT * FROM sessions")
    assert session["token_hash"] == hashlib.sha256(token.encode()).digest()
    for table in ("users", "sessions", "sign_in_failures", "activity"):
        kept = rows(api.db, f"SELECT {table}::text AS kept FROM {table}")
        assert not any(token in row["kept"] for row in kept)


async def test_each_sign_in_gets_a_new_token(api: Api) -> None:
    ana = api.customer()
    cookies = {
        (await api.anonymous.post("/api/sessions", ana.sign_in_body)).headers.get_list(
            "set-cookie"
        )[0]
        for _ in range(3)
    }
    assert len(cookies) == 3


async def test_signing_in_again_ends_the_session_that_the_browser_had(api: Api) -> None:
    ana = api.customer()
    other_device = await api.anonymous.post("/api/sessions", ana.sign_in_body)
    first = await api.anonymous.post("/api/sessions", ana.sign_in_body)
    old, elsewhere = (
        {"Cookie": answer.headers.get_list("set-cookie")[0].split(";")[0]}
        for answer in (first, other_device)
    )

    refused = await api.anonymous.post(
        "/api/sessions", {**ana.sign_in_body, "password": "wrong"}, headers=old
    )
    assert refused.status_code == 401
    assert (await api.anonymous.read("/api/sessions/current", headers=old))["user"] is not None

    again = await api.anonymous.post("/api/sessions", ana.sign_in_body, headers=old)
    assert again.status_code == 201
    for cookie, signed_in in ((old, False), (elsewhere, True)):
        current = (await api.anonymous.get("/api/sessions/current", headers=cookie)).json()
        assert (current["user"] is not None) is signed_in


async def test_signing_out_ends_the_session_on_the_server(api: Api) -> None:
    ana = api.customer()
    response = await ana.delete("/api/sessions/current")
    cookie = SimpleCookie(response.headers.get_list("set-cookie")[0])["session"]
    assert (response.status_code, cookie.value, cookie["max-age"]) == (204, "", "0")
    # The browser may keep the cookie, but the server no longer accepts it.
    nobody = {"user": None, "expires_at": None, "door": None, "second_factor": None}
    assert (await ana.read("/api/sessions/current")) == nobody
    assert problem(await ana.get(f"/api/bookings/user/{ana.id}")) == (401, "not-signed-in")
    assert (await ana.delete("/api/sessions/current")).status_code == 204


async def test_a_session_lasts_thirty_days(api: Api) -> None:
    ana = api.customer()
    lasts = value(api.db, "SELECT (expires_at - created_at)::text FROM sessions")
    assert lasts == "30 days"
    api.db.execute(
        "UPDATE sessions SET created_at = now() - interval '30 days', expires_at = now()"
    )
    assert (await ana.read("/api/sessions/current"))["user"] is None
    assert problem(await ana.get(f"/api/bookings/user/{ana.id}")) == (401, "not-signed-in")


async def test_a_sign_in_deletes_expired_sessions(api: Api) -> None:
    ana = api.customer()
    for _ in range(5):
        add_session(api.db, ana.id)
    api.db.execute(
        "UPDATE sessions SET created_at = now() - interval '31 days',"
        " expires_at = now() - interval '1 day'"
    )
    await api.anonymous.post("/api/sessions", ana.sign_in_body)
    assert value(api.db, "SELECT count(*) FROM sessions") == 1


async def test_an_unknown_phone_and_a_wrong_password_get_the_same_answer(api: Api) -> None:
    ana, box_office = api.customer(), api.customer(password_hash=None)
    answers = []
    for body in (
        {**ana.sign_in_body, "password": "wrong"},
        {"phone": "+491719999999", "password": PASSWORD},
        box_office.sign_in_body,
    ):
        response = await api.anonymous.post("/api/sessions", body)
        assert problem(response) == (401, "sign-in-failed")
        request_id = response.headers.pop("x-request-id")
        answers.append((response.text.replace(request_id, ""), dict(response.headers)))
    assert answers[0] == answers[1] == answers[2]


async def test_a_successful_sign_in_does_not_clear_earlier_failures(api: Api) -> None:
    ana = api.customer()
    wrong = {**ana.sign_in_body, "password": "wrong"}
    for _ in range(9):
        assert (await api.anonymous.post("/api/sessions", wrong)).status_code == 401
    for _ in range(3):
        assert (await api.anonymous.post("/api/sessions", ana.sign_in_body)).status_code == 201
    assert (await api.anonymous.post("/api/sessions", wrong)).status_code == 401
    # After ten failures even the right password has to wait.
    response = await api.anonymous.post("/api/sessions", ana.sign_in_body)
    assert problem(response) == (429, "too-many-attempts")
    seconds = response.json()["retry_after"]
    assert 890 <= seconds <= 900
    assert response.headers["retry-after"] == str(seconds)
    assert response.json()["detail"] == "Try again in 15 minutes."


async def test_failures_expire_after_fifteen_minutes(api: Api) -> None:
    ana = api.customer()
    wrong = {**ana.sign_in_body, "password": "wrong"}
    for _ in range(10):
        await api.anonymous.post("/api/sessions", wrong)
    api.db.execute("UPDATE sign_in_failures SET at = at - interval '14 minutes 30 seconds'")
    response = await api.anonymous.post("/api/sessions", ana.sign_in_body)
    assert 20 <= response.json()["retry_after"] <= 30
    api.db.execute("UPDATE sign_in_failures SET at = at - interval '30 seconds'")
    assert (await api.anonymous.post("/api/sessions", ana.sign_in_body)).status_code == 201


async def test_a_password_that_was_not_normalised_signs_in_and_is_renewed(api: Api) -> None:
    decomposed, composed = "U\u0308berall scho\u0308n", "\u00dcberall sch\u00f6n"
    # As an earlier release hashed it: as it was typed.
    ana = api.customer(password_hash=passwords.HASHER.hash(decomposed))
    stored = "SELECT password_hash FROM users"
    before = value(api.db, stored)

    for typed in (composed, decomposed, composed):
        credentials = {"phone": ana.person.phone, "password": typed}
        assert (await api.anonymous.post("/api/sessions", credentials)).status_code == 201

    after = value(api.db, stored)
    assert after != before
    assert passwords.HASHER.verify(after, composed)


async def test_a_password_is_chosen_in_one_keyboard_and_typed_in_another(api: Api) -> None:
    body = new_user(password="U\u0308berall!")
    assert (await api.anonymous.post("/api/users", body)).status_code == 201

    for typed in ("\u00dcberall!", "U\u0308berall!"):
        credentials = {"phone": body["phone"], "password": typed}
        assert (await api.anonymous.post("/api/sessions", credentials)).status_code == 201

    # Four characters, however they are written.
    short = new_user(password="\u0075\u0308" * 4)
    assert (await api.anonymous.post("/api/users", short)).status_code == 422


async def test_a_hash_with_old_parameters_is_replaced_at_sign_in(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = api.customer()
    before = value(api.db, "SELECT password_hash FROM users")
    await api.anonymous.post("/api/sessions", ana.sign_in_body)
    assert value(api.db, "SELECT password_hash FROM users") == before
    dearer = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", dearer)
    wrong = {**ana.sign_in_body, "password": "wrong"}
    await api.anonymous.post("/api/sessions", wrong)
    assert value(api.db, "SELECT password_hash FROM users") == before
    await api.anonymous.post("/api/sessions", ana.sign_in_body)
    after = value(api.db, "SELECT password_hash FROM users")
    assert "$m=16,t=2,p=1$" in after
    assert (await api.anonymous.post("/api/sessions", ana.sign_in_body)).status_code == 201
    assert (await ana.read("/api/sessions/current"))["user"] is not None
