"""The API as tests call it: for a person, a path, and an answer that is checked."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx2
import psycopg
import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from app import main
from app.background import facts, integrity, mails, webhooks
from tests.support import contract
from tests.support.bodies import PASSWORD
from tests.support.people import Person, add_person

ADDRESS = "http://marquee.localhost"
# Mails may be written, and none is sent.
NO_MAIL_SERVER = "smtp://127.0.0.1:1"


class Caller:
    """The API for one signed-in person, for an anonymous client, or for a token or a pass."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        person: Person | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._client = client
        self._person = person
        cookie = {} if person is None else {"Cookie": f"session={person.token}"}
        # What says who calls.
        self.headers: Mapping[str, str] = cookie if headers is None else headers

    @property
    def person(self) -> Person:
        assert self._person is not None, "this caller is anonymous"
        return self._person

    @property
    def id(self) -> int:
        return self.person.id

    @property
    def sign_in_body(self) -> dict[str, str]:
        return {"phone": self.person.phone, "password": PASSWORD}

    async def send(
        self,
        method: str,
        path: str,
        json: object = None,
        *,
        headers: Mapping[str, Any] | None = None,
        **given: Any,
    ) -> httpx2.Response:
        """Send a request and return the answer.

        The client has checked it against the OpenAPI document.
        """
        sent = {**self.headers, **(headers or {})}
        if json is not None:
            given["json"] = json
        return await self._client.request(method, path, headers=sent, **given)

    async def get(self, path: str, **given: Any) -> httpx2.Response:
        return await self.send("GET", path, **given)

    async def post(self, path: str, json: object = None, **given: Any) -> httpx2.Response:
        return await self.send("POST", path, json, **given)

    async def put(self, path: str, json: object = None, **given: Any) -> httpx2.Response:
        return await self.send("PUT", path, json, **given)

    async def delete(self, path: str, **given: Any) -> httpx2.Response:
        return await self.send("DELETE", path, **given)

    async def read(self, path: str, **given: Any) -> Any:
        """Return the content of an answer, which must be 200."""
        response = await self.get(path, **given)
        assert response.status_code == 200, response.text
        return response.json()

    async def pages(self, path: str) -> list[list[dict[str, Any]]]:
        """Return all pages of a list."""
        pages = []
        cursor = ""
        while True:
            page = await self.read(f"{path}{cursor}")
            pages.append(page["items"])
            if page["next_cursor"] is None:
                return pages
            assert len(pages) < 200, "the list has no end"
            cursor = f"{'&' if '?' in path else '?'}cursor={page['next_cursor']}"

    async def book(self, event_id: int, quantity: int = 1, **given: Any) -> dict[str, Any]:
        """Book tickets, which must succeed."""
        body = {"event_id": event_id, "quantity": quantity, **given}
        response = await self.post("/api/bookings", body)
        assert response.status_code == 201, response.text
        booking: dict[str, Any] = response.json()
        return booking


class Api:
    """The API, in this process or through a server, and its database."""

    def __init__(self, client: httpx2.AsyncClient, db: psycopg.Connection) -> None:
        self.client = client
        self.db = db
        self.anonymous = Caller(client)

    def caller(self, person: Person) -> Caller:
        return Caller(self.client, person)

    def bearer(self, secret: str) -> Caller:
        """Return a program with an API token."""
        return Caller(self.client, headers={"Authorization": f"Bearer {secret}"})

    def phone(self, token: str) -> Caller:
        """Return a phone that a door pass has opened."""
        return Caller(self.client, headers={"Cookie": f"session={token}"})

    def customer(self, name: str = "Ana Sommer", **columns: object) -> Caller:
        """Return a new customer who is signed in."""
        return self.caller(add_person(self.db, name=name, **columns))

    def admin(self, name: str = "Theo Admin") -> Caller:
        """Return a new admin who is signed in."""
        return self.caller(add_person(self.db, name=name, role="admin"))


def new_client(transport: httpx2.AsyncBaseTransport, address: str) -> httpx2.AsyncClient:
    """Return a client that keeps no cookies and checks every answer."""
    return httpx2.AsyncClient(
        transport=transport,
        base_url=address,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        trust_env=False,
        timeout=30,
        event_hooks={"response": [contract.check]},
    )


@asynccontextmanager
async def in_process(
    database_url: str, *, raising: bool = True, **settings: str
) -> AsyncIterator[httpx2.AsyncClient]:
    """Run the application in this process, and yield a client for it.

    An unhandled exception fails the test, unless `raising` is off.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "DATABASE_URL": database_url,
            "SMTP_URL": NO_MAIL_SERVER,
            **settings,
        }.items():
            patch.setenv(name, value)
        # Tests decide when a slice is checked.
        patch.setattr(integrity, "PAUSE_SECONDS", 3600)
        # Tests decide when facts are read and sent, and when mails are.
        patch.setattr(facts, "PAUSE_SECONDS", 3600)
        patch.setattr(webhooks, "PAUSE_SECONDS", 3600)
        patch.setattr(mails, "PAUSE_SECONDS", 3600)
        async with main.lifespan(Starlette()) as state:
            transport = httpx2.ASGITransport(
                _with_state(main.app, state), raise_app_exceptions=raising
            )
            async with new_client(transport, ADDRESS) as client:
                yield client


def _with_state(app: ASGIApp, state: Mapping[str, Any]) -> ASGIApp:
    """Give each request the state of the lifespan, as a server does."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    return serve
