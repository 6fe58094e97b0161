"""The second factor: set up, given at a sign-in, replayed, lost, reset, and required of admins."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import psycopg
import pyotp
import pytest

from app.api import factor_codes
from app.http.typed_codes import new_code
from tests.support.application import Api, Caller, in_process
from tests.support.bodies import PASSWORD
from tests.support.people import Person, add_session
from tests.support.rows import rows, value

FACTOR = "/api/account/second-factor"
GIVE = "/api/sessions/current/second-factor"
CONFIRM = "/api/account/confirmations"


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


def with_cookie(api: Api, caller: Caller, response: httpx2.Response) -> Caller:
    """Return the same person with the session that an answer has set."""
    cookies = SimpleCookie()
    for cookie in response.headers.get_list("set-cookie"):
        cookies.load(cookie)
    person = caller.person
    token = cookies["session"].value
    return api.caller(Person(person.id, person.name, person.phone, token))


NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def time_that_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a half minute from ending between a code and its use."""
    monkeypatch.setattr(factor_codes, "current_time", lambda: NOW)


class App:
    """An authenticator app. Each code is of another half minute, because each works once."""

    def __init__(self, secret: str) -> None:
        self.totp = pyotp.TOTP(secret)

    def code(self, steps: int = 0) -> str:
        return self.totp.at(NOW + timedelta(seconds=30 * steps))


async def set_up(api: Api, caller: Caller) -> tuple[Caller, App, list[str]]:
    """Turn the second factor on; return the caller with the new session, the app, the codes."""
    begun = await caller.post(FACTOR)
    assert begun.status_code == 201, begun.text
    app = App(begun.json()["secret"])
    # Codes of now and of the next half minute are then left for the test.
    enabled = await caller.put(FACTOR, {"code": app.code(-1)})
    assert enabled.status_code == 200, enabled.text
    return with_cookie(api, caller, enabled), app, enabled.json()["recovery_codes"]


async def sign_in(api: Api, caller: Caller) -> Caller:
    """Return the person with only the password given."""
    answer = await api.anonymous.post("/api/sessions", caller.sign_in_body)
    assert answer.status_code == 201, answer.text
    session = answer.json()
    assert (session["user"], session["second_factor"]) == (None, "required")
    return with_cookie(api, caller, answer)


async def user_of(caller: Caller) -> Any:
    return (await caller.read("/api/sessions/current"))["user"]


def forget_confirmation(db: psycopg.Connection) -> None:
    db.execute("UPDATE sessions SET confirmed_at = now() - interval '15 minutes'")


@pytest.fixture
async def strict(database_url: str, db: psycopg.Connection) -> AsyncIterator[Api]:
    """The API where admins need a second factor."""
    async with in_process(database_url, REQUIRE_SECOND_FACTOR="true") as client:
        yield Api(client, db)


async def test_an_authenticator_app_gets_all_it_needs_from_the_qr_code(api: Api) -> None:
    admin = api.admin()
    setup = (await admin.post(FACTOR)).json()
    address = urlsplit(setup["address"])
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert parse_qs(address.query) == {"secret": [setup["secret"]], "issuer": ["Marquee"]}
    # 160 bits, of another secret each time.
    assert len(setup["secret"]) == 32
    assert (await admin.post(FACTOR)).json()["secret"] != setup["secret"]
    state = await admin.read(FACTOR)
    assert state == {"since": None, "recovery_codes": 0, "required": False}


async def test_the_first_code_turns_it_on_and_ends_the_other_sessions(api: Api) -> None:
    admin = api.admin()
    add_session(api.db, admin.id)
    assert problem(await admin.put(FACTOR, {"code": "042317"})) == (409, "second-factor-off")
    signed_in, _, codes = await set_up(api, admin)
    assert await user_of(admin) is None
    assert (await user_of(signed_in))["id"] == admin.id
    assert len((await signed_in.read("/api/sessions"))["items"]) == 1
    state = await signed_in.read(FACTOR)
    assert state["since"] is not None
    assert (state["recovery_codes"], len(set(codes))) == (10, 10)
    assert problem(await signed_in.post(FACTOR)) == (409, "second-factor-on")


async def test_a_wrong_first_code_turns_nothing_on(api: Api) -> None:
    admin = api.admin()
    app = App((await admin.post(FACTOR)).json()["secret"])
    for wrong in (app.code(-4), app.code(4), new_code(24)):
        refused = await admin.put(FACTOR, {"code": wrong})
        assert problem(refused) == (403, "second-factor-wrong")
    assert (await admin.read(FACTOR))["since"] is None


async def test_a_sign_in_with_the_password_alone_may_only_give_the_factor(api: Api) -> None:
    admin, app, _ = await set_up(api, api.admin())
    half = await sign_in(api, admin)
    assert await user_of(half) is None
    assert problem(await half.get("/api/account")) == (403, "second-factor-required")
    assert problem(await half.post(FACTOR)) == (403, "second-factor-required")
    assert problem(await half.get("/api/users")) == (403, "second-factor-required")
    # What anyone may ask is answered as to anyone.
    assert problem(await half.get("/api/events?status=all")) == (401, "not-signed-in")

    given = await half.post(GIVE, {"code": app.code()})
    assert given.status_code == 200, given.text
    assert given.json()["user"]["id"] == admin.id
    whole = with_cookie(api, admin, given)
    assert (await whole.get("/api/users")).status_code == 200
    # The token of the half session is worth nothing.
    assert problem(await half.post(GIVE, {"code": app.code(1)})) == (401, "not-signed-in")


async def test_a_code_works_once(api: Api) -> None:
    admin, app, _ = await set_up(api, api.admin())
    code = app.code()
    first, second = await sign_in(api, admin), await sign_in(api, admin)
    assert (await first.post(GIVE, {"code": code})).status_code == 200
    assert problem(await second.post(GIVE, {"code": code})) == (403, "second-factor-wrong")
    # Nor does an older one.
    assert problem(await second.post(GIVE, {"code": app.code(-1)})) == (403, "second-factor-wrong")
    assert (await second.post(GIVE, {"code": app.code(1)})).status_code == 200


async def test_a_code_is_valid_for_its_half_minute_and_one_beside_it(api: Api) -> None:
    admin, app, _ = await set_up(api, api.admin())
    api.db.execute("UPDATE second_factors SET last_step = 1")
    half = await sign_in(api, admin)
    for steps in (-3, 3):
        assert problem(await half.post(GIVE, {"code": app.code(steps)})) == (
            403, "second-factor-wrong",
        )  # fmt: skip
    assert (await half.post(GIVE, {"code": f" {app.code()[:3]} {app.code()[3:]}"})).is_success


async def test_wrong_codes_count_as_failed_sign_ins(api: Api) -> None:
    admin, app, _ = await set_up(api, api.admin())
    half = await sign_in(api, admin)
    wrong = app.code(20)
    for _ in range(10):
        assert problem(await half.post(GIVE, {"code": wrong})) == (403, "second-factor-wrong")
    refused = await half.post(GIVE, {"code": app.code()})
    assert problem(refused) == (429, "too-many-attempts")
    again = await api.anonymous.post("/api/sessions", admin.sign_in_body)
    assert problem(again) == (429, "too-many-attempts")


async def test_a_recovery_code_works_once_in_place_of_the_app(api: Api) -> None:
    admin, _, codes = await set_up(api, api.admin())
    half = await sign_in(api, admin)
    typed = codes[0].lower().replace("-", " ")
    whole = with_cookie(api, admin, await half.post(GIVE, {"code": typed}))
    assert (await whole.read(FACTOR))["recovery_codes"] == 9
    half = await sign_in(api, admin)
    assert problem(await half.post(GIVE, {"code": codes[0]})) == (403, "second-factor-wrong")
    lines = rows(api.db, "SELECT detail FROM activity ORDER BY id DESC LIMIT 1")
    assert lines == [{"detail": {"recovery_code_used": True}}]


async def test_new_recovery_codes_end_the_earlier_ones(api: Api) -> None:
    admin, _, earlier = await set_up(api, api.admin())
    made = await admin.post("/api/account/recovery-codes")
    assert made.status_code == 201
    half = await sign_in(api, admin)
    assert problem(await half.post(GIVE, {"code": earlier[0]})) == (403, "second-factor-wrong")
    assert (await half.post(GIVE, {"code": made.json()["recovery_codes"][0]})).is_success
    without = await api.customer().post("/api/account/recovery-codes")
    assert problem(without) == (409, "second-factor-off")


async def test_only_hashes_of_recovery_codes_are_kept(api: Api) -> None:
    _, _, codes = await set_up(api, api.admin())
    kept = str(rows(api.db, "SELECT * FROM recovery_codes"))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


async def test_a_second_factor_can_be_turned_off(api: Api) -> None:
    admin, _, _ = await set_up(api, api.admin())
    assert (await admin.delete(FACTOR)).status_code == 204
    answer = await api.anonymous.post("/api/sessions", admin.sign_in_body)
    assert answer.json()["user"]["id"] == admin.id
    assert value(api.db, "SELECT count(*) FROM recovery_codes") == 0
    given = await admin.post(GIVE, {"code": "042317"})
    assert problem(given) == (409, "second-factor-off")


async def test_another_admin_resets_a_lost_factor(api: Api) -> None:
    lost, _, _ = await set_up(api, api.admin("Lea Lost"))
    other = api.admin("Theo Admin")
    assert (await other.delete(f"/api/users/{lost.id}/second-factor")).status_code == 204
    assert await user_of(lost) is None
    answer = await api.anonymous.post("/api/sessions", lost.sign_in_body)
    assert answer.json()["user"]["id"] == lost.id
    unknown = await other.delete(f"/api/users/{2**63 - 1}/second-factor")
    assert problem(unknown) == (404, "user-not-found")


async def test_the_owner_of_the_database_lets_the_last_admin_in_again(api: Api) -> None:
    admin, _, _ = await set_up(api, api.admin())
    hashed = value(api.db, "SELECT password_hash FROM users WHERE id = %s", admin.id)
    api.db.execute("SELECT make_admin('Theo', %s, %s)", [admin.person.phone, hashed])
    answer = await api.anonymous.post("/api/sessions", admin.sign_in_body)
    assert answer.json()["user"]["id"] == admin.id


async def test_a_code_for_a_password_does_not_go_around_the_factor(api: Api) -> None:
    admin, _, _ = await set_up(api, api.admin())
    made = await api.admin("Olga Other").post(f"/api/users/{admin.id}/password-code")
    body = {"account": admin.person.phone, "code": made.json()["code"], "password": PASSWORD}
    assert (await api.anonymous.put("/api/password-codes", body)).status_code == 204
    await sign_in(api, admin)


async def test_what_concerns_others_needs_a_password_of_the_last_15_minutes(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    forget_confirmation(api.db)
    path = f"/api/users/{ana.id}/role"
    refused = await admin.put(path, {"role": "admin"})
    assert problem(refused) == (403, "confirmation-required")
    assert refused.json()["second_factor"] is False
    wrong = await admin.post(CONFIRM, {"password": "not the password"})
    assert problem(wrong) == (403, "password-wrong")

    confirmed = await admin.post(CONFIRM, {"password": PASSWORD})
    assert confirmed.status_code == 204, confirmed.text
    # The session has a new token.
    assert await user_of(admin) is None
    again = with_cookie(api, admin, confirmed)
    assert (await again.put(path, {"role": "admin"})).status_code == 200


async def test_a_confirmation_needs_the_factor_as_well(api: Api) -> None:
    admin, app, _ = await set_up(api, api.admin())
    forget_confirmation(api.db)
    refused = await admin.delete(FACTOR)
    assert problem(refused) == (403, "confirmation-required")
    assert refused.json()["second_factor"] is True
    without = await admin.post(CONFIRM, {"password": PASSWORD})
    assert problem(without) == (422, "validation")
    assert without.json()["errors"][0]["pointer"] == "/code"
    wrong = await admin.post(CONFIRM, {"password": PASSWORD, "code": app.code(9)})
    assert problem(wrong) == (403, "second-factor-wrong")
    confirmed = await admin.post(CONFIRM, {"password": PASSWORD, "code": app.code()})
    assert (await with_cookie(api, admin, confirmed).delete(FACTOR)).status_code == 204


async def test_wrong_passwords_of_a_confirmation_count_as_failed_sign_ins(api: Api) -> None:
    admin = api.admin()
    for _ in range(10):
        assert problem(await admin.post(CONFIRM, {"password": "wrong"})) == (403, "password-wrong")
    refused = await admin.post(CONFIRM, {"password": PASSWORD})
    assert problem(refused) == (429, "too-many-attempts")


async def test_a_second_factor_that_was_turned_off_confirms_nothing(api: Api) -> None:
    admin, app, _ = await set_up(api, api.admin())
    api.db.execute("DELETE FROM second_factors")
    refused = await admin.post(CONFIRM, {"password": PASSWORD, "code": app.code()})
    assert problem(refused) == (409, "second-factor-off")


async def test_codes_that_are_given_at_once_are_used_once(api: Api) -> None:
    admin, app, codes = await set_up(api, api.admin())
    for code in (app.code(), codes[0]):
        halves = [await sign_in(api, admin) for _ in range(5)]
        answers = await asyncio.gather(*(half.post(GIVE, {"code": code}) for half in halves))
        assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403, 403]
        api.db.execute("DELETE FROM sign_in_failures")


async def test_the_password_in_a_body_is_not_enough_where_the_factor_is_on(api: Api) -> None:
    admin, _, _ = await set_up(api, api.admin())
    forget_confirmation(api.db)
    body = {"email": "theo@example.org", "password": PASSWORD}
    refused = await admin.put("/api/account/email", body)
    assert problem(refused) == (403, "confirmation-required")


async def test_an_admin_without_a_factor_may_only_set_it_up_where_it_is_required(
    strict: Api,
) -> None:
    admin = strict.admin()
    session = await admin.read("/api/sessions/current")
    assert (session["user"]["id"], session["second_factor"]) == (admin.id, "missing")
    for path in ("/api/users", "/api/account", "/api/bookings/user/1"):
        assert problem(await admin.get(path)) == (403, "second-factor-missing")
    assert problem(await admin.get("/api/events?status=all")) == (401, "not-signed-in")
    assert (await admin.read(FACTOR))["required"] is True

    whole, _, _ = await set_up(strict, admin)
    assert (await whole.read("/api/sessions/current"))["second_factor"] is None
    assert (await whole.get("/api/users")).status_code == 200
    assert (await strict.customer().get("/api/account")).status_code == 200


@pytest.mark.parametrize(
    ("settings", "required"),
    (
        ({}, False),
        ({"REQUIRE_SECOND_FACTOR": "true"}, True),
        ({"PUBLIC_URL": "http://marquee.localhost"}, True),
        ({"PUBLIC_URL": "http://marquee.localhost", "REQUIRE_SECOND_FACTOR": "false"}, False),
    ),
)
async def test_a_second_factor_is_required_where_the_installation_has_a_public_address(
    database_url: str, db: psycopg.Connection, settings: dict[str, Any], required: bool
) -> None:
    async with in_process(database_url, **settings) as client:
        answer = await Api(client, db).admin().read("/api/sessions/current")
    assert (answer["second_factor"] == "missing") is required
