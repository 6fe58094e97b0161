"""What PUBLIC_URL decides about the cookie, HSTS, Host and Origin, and what holds without it."""

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import httpx2
import psycopg
import pytest

from tests.support.application import Api, Caller, in_process
from tests.support.bodies import new_user
from tests.support.people import add_session
from tests.support.rows import value

PUBLIC_URL = "https://tickets.example"
# Behind a proxy that terminates TLS and is not in TRUSTED_PROXIES.
HERE = "http://tickets.example"
HSTS = "strict-transport-security"


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


@pytest.fixture
async def public(database_url: str, db: psycopg.Connection) -> AsyncIterator[Api]:
    """The API in this process with a public address."""
    async with in_process(database_url, PUBLIC_URL=PUBLIC_URL) as client:
        client.base_url = httpx2.URL(HERE)
        yield Api(client, db)


async def sign_in(api: Api, caller: Caller) -> httpx2.Response:
    response = await api.anonymous.post("/api/sessions", caller.sign_in_body)
    assert response.status_code == 201, response.text
    return response


async def user_of(api: Api, cookie: str) -> object:
    response = await api.anonymous.read("/api/sessions/current", headers={"Cookie": cookie})
    return response["user"] and response["user"]["id"]


async def test_the_cookie_is_host_only_and_secure(public: Api) -> None:
    ana = public.customer()
    (cookie,) = SimpleCookie(
        (await sign_in(public, ana)).headers.get_list("set-cookie")[0]
    ).values()
    assert cookie.key == "__Host-session"
    # Browsers reject a cookie of this name without these three attributes.
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert await user_of(public, f"__Host-session={cookie.value}") == ana.id
    signed_out = await public.anonymous.delete(
        "/api/sessions/current", headers={"Cookie": f"__Host-session={cookie.value}"}
    )
    (gone,) = SimpleCookie(signed_out.headers.get_list("set-cookie")[0]).values()
    assert (gone.key, gone.value, gone["max-age"], gone["secure"]) == (
        *("__Host-session", "", "0"),
        True,
    )
    assert await user_of(public, f"__Host-session={cookie.value}") is None


async def test_a_cookie_of_the_old_name_is_ignored_and_ended_at_sign_out(
    public: Api,
) -> None:
    """A sub-domain could have set such a cookie."""
    ana = public.customer()
    old, new = ana.person.token, add_session(public.db, ana.id)
    assert await user_of(public, f"session={old}") is None
    assert await user_of(public, f"session={old}; __Host-session={new}") == ana.id
    both = {"Cookie": f"session={old}; __Host-session={new}"}
    assert (await public.anonymous.delete("/api/sessions/current", headers=both)).status_code == 204
    assert value(public.db, "SELECT count(*) FROM sessions") == 0


async def test_the_cookie_is_not_secure_for_a_public_url_with_http(
    database_url: str, db: psycopg.Connection
) -> None:
    async with in_process(database_url, PUBLIC_URL=HERE) as client:
        # This does not depend on the scheme that a proxy reports.
        client.base_url = httpx2.URL("https://tickets.example")
        api = Api(client, db)
        response = await sign_in(api, api.customer())
    (cookie,) = SimpleCookie(response.headers.get_list("set-cookie")[0]).values()
    assert (cookie.key, cookie["secure"]) == ("session", "")
    assert HSTS not in response.headers


async def test_every_answer_has_hsts(public: Api) -> None:
    for path in ("/", "/api/events", "/api/nothing", "/healthz"):
        assert HSTS in (await public.anonymous.get(path)).headers, path
    foreign = await public.anonymous.get("/", headers={"Host": "evil.test"})
    assert HSTS in foreign.headers


@pytest.mark.parametrize(
    "host",
    ("evil.test", "tickets.example.evil.test", "xtickets.example", "localhost", "127.0.0.1", ""),
)
async def test_an_unknown_host_is_answered_421(public: Api, host: str) -> None:
    for path in ("/", "/api/events", "/api/nothing", "/api/docs", "/favicon.svg"):
        response = await public.client.get(path, headers={"Host": host})
        assert problem(response) == (421, "wrong-host")
        assert response.json()["detail"] == "This site is https://tickets.example."
    users = value(public.db, "SELECT count(*) FROM users")
    assert (
        await public.client.post("/api/users", json=new_user(), headers={"Host": host})
    ).status_code == 421
    assert value(public.db, "SELECT count(*) FROM users") == users


@pytest.mark.parametrize("host", ("tickets.example", "Tickets.Example:443", "tickets.example:8000"))
async def test_the_public_host_is_served_with_any_port(public: Api, host: str) -> None:
    assert (await public.anonymous.get("/api/events", headers={"Host": host})).status_code == 200


async def test_operator_endpoints_accept_any_host(public: Api) -> None:
    for host in ("10.0.0.7:8000", "localhost", "anything"):
        for path in ("/healthz", "/readyz"):
            assert (await public.anonymous.get(path, headers={"Host": host})).status_code == 200
    metrics = await public.anonymous.get("/metrics", headers={"Host": "127.0.0.1:8000"})
    assert metrics.status_code == 200


async def test_a_request_with_two_hosts_is_refused(public: Api, api: Api) -> None:
    twice = [(b"Host", b"tickets.example"), (b"Host", b"tickets.example")]
    for client in (public.client, api.client):
        for path in ("/api/events", "/healthz"):
            response = await client.send(httpx2.Request("GET", f"{HERE}{path}", headers=twice))
            assert problem(response) == (400, "malformed-request")


async def test_the_whole_origin_is_compared(public: Api) -> None:
    refused: tuple[dict[str, str], ...] = (
        {"Origin": "http://tickets.example"},
        {"Origin": "https://tickets.example:8443"},
        {"Origin": "https://tickets.example:443"},  # No browser sends this.
        {"Origin": "https://sub.tickets.example"},
        {"Origin": "https://tickets.example.evil.test"},
        {"Origin": "evil://tickets.example"},
        {"Origin": "null"},
        {"Origin": "https://evil.test", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "https://tickets.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://tickets.example", "Sec-Fetch-Site": "same-site"},
    )
    for headers in refused:
        response = await public.anonymous.post("/api/users", new_user(), headers=headers)
        assert problem(response) == (403, "cross-site-request"), headers
    allowed: tuple[dict[str, str], ...] = (
        {},
        {"Origin": "https://tickets.example"},
        {"Origin": "https://tickets.example", "Sec-Fetch-Site": "same-origin"},
    )
    for headers in allowed:
        response = await public.anonymous.post("/api/users", new_user(), headers=headers)
        assert response.status_code == 201, headers


@pytest.mark.parametrize(
    ("settings", "host", "status"),
    (
        # On a loopback server, a foreign host name is an attempt at DNS rebinding.
        ({}, "localhost:9000", 200),
        ({}, "127.0.0.1:8000", 200),
        ({}, "127.8.8.8", 200),
        ({}, "[::1]:8000", 200),
        ({}, "box.localhost", 200),
        ({}, "evil.test", 421),
        ({}, "evil.test:8000", 421),
        ({}, "localhost.evil.test", 421),
        ({}, "192.0.2.7:8000", 421),
        ({"HOST": "::1"}, "evil.test", 421),
        ({"HOST": "localhost"}, "evil.test", 421),
        # On a network the server may have any name.
        ({"HOST": "0.0.0.0"}, "box.lan:8000", 200),
        ({"HOST": "192.0.2.7"}, "192.0.2.7:8000", 200),
        # A trusted proxy has chosen the host.
        ({"TRUSTED_PROXIES": "127.0.0.1"}, "tickets.example", 200),
    ),
)
async def test_a_loopback_server_accepts_loopback_hosts_only(
    database_url: str, settings: dict[str, str], host: str, status: int
) -> None:
    async with in_process(database_url, raising=True, **settings) as client:
        response = await client.get("/api/events", headers={"Host": host})
        assert response.status_code == status
        if status == 421:
            assert "Set PUBLIC_URL" in response.json()["detail"]
        assert (await client.get("/healthz", headers={"Host": host})).status_code == 200
