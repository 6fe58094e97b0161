"""Security events in the log of a server: what is recorded of each, and what is not."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pyotp
import pytest
from pydantic import ValidationError

from app.http.identity import token_hash
from app.http.security_events import account_hash
from app.settings import Settings
from tests.support.application import NO_MAIL_SERVER, Api, Caller, new_client
from tests.support.bodies import PASSWORD, new_user
from tests.support.people import add_session
from tests.support.rows import add_event
from tests.support.servers import ServerProcess, serving

URL = "postgresql://127.0.0.1/marquee"
ADDRESS = "198.51.100.77"
NETWORK = "198.51.100.0/24"
HASH_LENGTH = 16
EMAIL = "ana@example.org"


class Recorded:
    """The API behind a trusted proxy, and the security events that each request leaves."""

    def __init__(self, api: Api, server: ServerProcess) -> None:
        self.api = api
        self._server = server

    async def by(
        self,
        caller: Caller,
        method: str,
        path: str,
        json: object = None,
        *,
        address: str = ADDRESS,
        **headers: str,
    ) -> tuple[int, list[dict[str, Any]]]:
        """Send a request; return its status and its events."""
        begin = self._server.log.stat().st_size
        given = {"X-Forwarded-For": address, **headers}
        response = await caller.send(method, path, json, headers=given)
        request_id = response.headers["x-request-id"]
        lines = [line for line in self._server.lines(begin) if line.get("security")]
        assert all(line["request_id"] == request_id for line in lines)
        return response.status_code, lines


@pytest.fixture
def recorded(two_apis: list[Api], two_servers: list[ServerProcess]) -> Recorded:
    return Recorded(two_apis[0], two_servers[0])


@pytest.fixture
async def mailing(
    database_url: str, db: psycopg.Connection, tmp_path: Path
) -> AsyncIterator[Recorded]:
    """The same with a server that writes mails."""
    settings = {"TRUSTED_PROXIES": "127.0.0.1", "SMTP_URL": NO_MAIL_SERVER, "BACKGROUND": "false"}
    with serving(database_url, tmp_path, [settings]) as (server,):
        async with new_client(httpx2.AsyncHTTPTransport(), server.address) as client:
            yield Recorded(Api(client, db), server)


def without(line: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return a line without what every line has, and without these."""
    common = {"security", "request_id", "timestamp", "level", *names}
    return {name: value for name, value in line.items() if name not in common}


async def test_a_sign_in_is_recorded_with_user_account_and_network(recorded: Recorded) -> None:
    anonymous, user = recorded.api.anonymous, new_user()
    created, (signed_up,) = await recorded.by(anonymous, "POST", "/api/users", user)
    assert (created, signed_up["event"]) == (201, "sign-up")
    hashed = signed_up["account_hash"]
    assert len(hashed) == HASH_LENGTH
    known = {
        "account_hash": hashed,
        "network": NETWORK,
        "user_id": signed_up["user_id"],
    }
    assert without(signed_up) == {"event": "sign-up", **known}

    credentials = {"phone": user["phone"], "password": PASSWORD}
    status, (line,) = await recorded.by(anonymous, "POST", "/api/sessions", credentials)
    assert (status, without(line, "of_user_id")) == (201, {"event": "sign-in-succeeded", **known})


async def test_a_failed_sign_in_names_the_account_only_by_its_id_and_hash(
    recorded: Recorded,
) -> None:
    ana = recorded.api.customer()
    wrong = {**ana.sign_in_body, "password": "not the password"}
    anonymous = recorded.api.anonymous
    status, (line,) = await recorded.by(anonymous, "POST", "/api/sessions", wrong)
    assert status == 401
    assert without(line, "account_hash") == {
        "event": "sign-in-failed",
        "problem": "sign-in-failed",
        "network": NETWORK,
        "of_user_id": ana.id,
    }
    stranger = {"phone": "+4915255599999", "password": "not the password"}
    status, (unknown,) = await recorded.by(anonymous, "POST", "/api/sessions", stranger)
    assert "of_user_id" not in unknown
    assert unknown["account_hash"] != line["account_hash"]


async def test_attempts_beyond_a_limit_are_recorded_as_throttled(recorded: Recorded) -> None:
    ana = recorded.api.customer()
    wrong = {**ana.sign_in_body, "password": "not the password"}
    events = []
    for _ in range(11):
        _, (line,) = await recorded.by(recorded.api.anonymous, "POST", "/api/sessions", wrong)
        events.append(line["event"])
    assert events == ["sign-in-failed"] * 10 + ["sign-in-throttled"]


async def test_the_network_of_an_ipv6_client_is_recorded(recorded: Recorded) -> None:
    ana = recorded.api.customer()
    _, (line,) = await recorded.by(
        recorded.api.anonymous,
        "POST",
        "/api/sessions",
        {**ana.sign_in_body, "password": "not the password"},
        address="2001:db8:1:2:3:4:5:6",
    )
    assert line["network"] == "2001:db8:1:2::/64"


async def test_signing_out_is_recorded_once(recorded: Recorded) -> None:
    ana = recorded.api.customer()
    _, (line,) = await recorded.by(ana, "DELETE", "/api/sessions/current")
    assert without(line) == {"event": "sign-out", "user_id": ana.id, "network": NETWORK}
    # The session is gone, so nobody signs out the second time.
    assert await recorded.by(ana, "DELETE", "/api/sessions/current") == (204, [])


async def test_what_is_forbidden_is_recorded_with_who_tried(recorded: Recorded) -> None:
    ana = recorded.api.customer()
    status, (line,) = await recorded.by(ana, "GET", "/api/users")
    assert (status, without(line)) == (
        403,
        {
            "event": "forbidden",
            "problem": "not-allowed",
            "user_id": ana.id,
            "network": NETWORK,
        },
    )


async def test_a_request_of_another_site_is_recorded(recorded: Recorded) -> None:
    ana = recorded.api.customer()
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    status, (line,) = await recorded.by(ana, "DELETE", "/api/sessions/current", **elsewhere)
    assert (status, line["event"]) == (403, "cross-site-refused")


async def test_an_export_is_recorded_with_its_file_and_who_has_it(recorded: Recorded) -> None:
    admin, event = recorded.api.admin(), add_event(recorded.api.db)
    path = f"/api/bookings/event/{event}.csv"
    _, (line,) = await recorded.by(admin, "GET", path)
    assert without(line, "network") == {
        "event": "export",
        "file": f"event-{event}-bookings.csv",
        "user_id": admin.id,
    }
    assert await recorded.by(admin, "HEAD", path) == (200, [])


async def test_a_code_for_a_password_is_recorded_with_both_users(recorded: Recorded) -> None:
    admin, ana = recorded.api.admin(), recorded.api.customer()
    path = f"/api/users/{ana.id}"
    _, (line,) = await recorded.by(admin, "POST", f"{path}/password-code")
    assert without(line, "network") == {
        "event": "password-code-made",
        "user_id": admin.id,
        "of_user_id": ana.id,
    }
    # Another name is no security event.
    assert await recorded.by(admin, "PUT", path, {"name": "Anna"}) == (200, [])


async def test_wrong_and_right_codes_for_a_password_are_recorded(recorded: Recorded) -> None:
    admin, ana = recorded.api.admin(), recorded.api.customer()
    made = await admin.post(f"/api/users/{ana.id}/password-code")
    given = {"account": ana.person.phone, "password": "seventeen geese"}
    anonymous, path = recorded.api.anonymous, "/api/password-codes"

    wrong = {**given, "code": "0000-0000-0000"}
    status, (refused,) = await recorded.by(anonymous, "PUT", path, wrong)
    assert (status, refused["event"], refused["of_user_id"]) == (410, "code-refused", ana.id)
    status, (line,) = await recorded.by(
        anonymous, "PUT", path, {**given, "code": made.json()["code"]}
    )
    assert (status, line["event"], line["of_user_id"]) == (204, "password-changed", ana.id)


async def test_a_password_that_a_user_changes_is_recorded(recorded: Recorded) -> None:
    ana = recorded.api.customer()
    body = {"current_password": PASSWORD, "new_password": "seventeen geese"}
    status, (line,) = await recorded.by(ana, "PUT", "/api/account/password", body)
    assert (status, line["event"], line["user_id"]) == (204, "password-changed", ana.id)


async def test_what_concerns_passwords_and_mail_is_recorded(mailing: Recorded) -> None:
    ana, anonymous = mailing.api.customer(), mailing.api.anonymous
    _, (signed_in,) = await mailing.by(anonymous, "POST", "/api/sessions", ana.sign_in_body)
    status, (wrong,) = await mailing.by(
        ana, "PUT", "/api/account/email", {"email": EMAIL, "password": "not the password"}
    )
    assert (status, wrong["event"], wrong["user_id"]) == (403, "password-wrong", ana.id)
    _, (changed,) = await mailing.by(
        ana, "PUT", "/api/account/email", {"email": EMAIL, "password": PASSWORD}
    )
    assert (changed["event"], changed["user_id"]) == ("email-changed", ana.id)
    _, (removed,) = await mailing.by(ana, "DELETE", "/api/account/email")
    assert removed["event"] == "email-changed"

    for account in (ana.person.phone, EMAIL):
        body = {"account": account}
        status, (asked,) = await mailing.by(anonymous, "POST", "/api/password-resets", body)
        assert (status, asked["event"]) == (204, "password-reset-asked")
        same = asked["account_hash"] == signed_in["account_hash"]
        assert same == (account == ana.person.phone)


async def test_a_password_set_by_the_link_of_a_mail_is_recorded(mailing: Recorded) -> None:
    ana = mailing.api.customer()
    mailing.api.db.execute(
        "INSERT INTO mail_links (token_hash, user_id, purpose, address, expires_at)"
        " VALUES (%s, %s, 'password-reset', %s, now() + interval '1 minute')",
        (token_hash("the-token"), ana.id, EMAIL),
    )
    body = {"token": "the-token", "password": "seventeen geese"}
    status, (line,) = await mailing.by(mailing.api.anonymous, "PUT", "/api/password-resets", body)
    assert (status, line["event"]) == (204, "password-changed")


async def test_no_line_of_the_log_has_what_the_events_are_about(
    recorded: Recorded, two_servers: list[ServerProcess]
) -> None:
    user = new_user()
    anonymous = recorded.api.anonymous
    begin = two_servers[0].log.stat().st_size
    await recorded.by(anonymous, "POST", "/api/users", user)
    for password in (PASSWORD, "not the password"):
        credentials = {"phone": user["phone"], "password": password}
        await recorded.by(anonymous, "POST", "/api/sessions", credentials)
    written = two_servers[0].log.read_bytes()[begin:].decode()
    for secret in (user["phone"], user["phone"][3:], PASSWORD, "not the password", ADDRESS):
        assert secret not in written


def test_the_hash_of_an_account_depends_on_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    phone = "+4915255512345"
    monkeypatch.setenv("LOG_KEY", "a key of the installation")
    first = account_hash(phone, Settings())
    assert first == account_hash(phone, Settings())
    monkeypatch.setenv("LOG_KEY", "a key of another installation")
    assert account_hash(phone, Settings()) != first
    monkeypatch.delenv("LOG_KEY")
    assert account_hash(phone, Settings()) != account_hash(phone, Settings())
    monkeypatch.setenv("LOG_KEY", "too short")
    with pytest.raises(ValidationError):
        Settings()


async def test_all_workers_of_a_server_have_the_same_key(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path, [{"WORKERS": "2"}]) as (server,):
        for _ in range(12):
            # A new connection each time, which either worker may accept.
            async with httpx2.AsyncClient(base_url=server.address, trust_env=False) as client:
                body = {"phone": "+4915255512345", "password": "not the password"}
                await client.post("/api/sessions", json=body)
        hashes = [line["account_hash"] for line in server.lines() if line.get("security")]
    assert len(hashes) == 12
    assert len({*hashes}) == 1


async def test_what_concerns_the_second_factor_is_recorded(recorded: Recorded) -> None:
    admin, anonymous = recorded.api.admin(), recorded.api.anonymous
    factor, give = "/api/account/second-factor", "/api/sessions/current/second-factor"
    app = pyotp.TOTP((await admin.post(factor)).json()["secret"])

    def as_signed_in_by(answer: httpx2.Response) -> Caller:
        cookies = SimpleCookie()
        for cookie in answer.headers.get_list("set-cookie"):
            cookies.load(cookie)
        person = replace(admin.person, token=cookies["session"].value)
        return recorded.api.caller(person)

    async def events(caller: Caller, method: str, path: str, body: object = None) -> list[str]:
        _, lines = await recorded.by(caller, method, path, body)
        assert all(line["user_id"] == admin.id for line in lines)
        return [line["event"] for line in lines]

    assert await events(admin, "PUT", factor, {"code": "000000"}) == ["second-factor-failed"]
    enabled = await admin.put(factor, {"code": app.now()})
    codes = enabled.json()["recovery_codes"]
    asked = await recorded.by(anonymous, "POST", "/api/sessions", admin.sign_in_body)
    assert [line["event"] for line in asked[1]] == ["second-factor-asked"]
    half = as_signed_in_by(await anonymous.post("/api/sessions", admin.sign_in_body))
    assert await events(half, "POST", give, {"code": "000000"}) == ["second-factor-failed"]
    assert await events(half, "POST", give, {"code": codes[0]}) == [
        "recovery-code-used",
        "sign-in-succeeded",
    ]
    whole = as_signed_in_by(enabled)
    assert await events(whole, "POST", "/api/account/recovery-codes") == ["recovery-codes-made"]
    other = recorded.api.admin("Olga Other")
    path = f"/api/users/{admin.id}/second-factor"
    _, (reset,) = await recorded.by(other, "DELETE", path)
    assert (reset["event"], reset["user_id"], reset["of_user_id"]) == (
        "second-factor-reset",
        other.id,
        admin.id,
    )
    assert await events(admin_again(recorded, admin), "DELETE", factor) == ["second-factor-off"]


def admin_again(recorded: Recorded, admin: Caller) -> Caller:
    token = add_session(recorded.api.db, admin.id)
    return recorded.api.caller(replace(admin.person, token=token))
