"""The server of the browser tests, over a database with the demo season."""

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from app.local.paths import ROOT
from app.local.postgres import Cluster
from tests.support import bodies
from tests.support.databases import OWNER
from tests.support.servers import serving

PASSWORD = "a seat in row seven"
_phones = itertools.count(1)


def new_phone() -> str:
    """Return an unused phone number, in a range reserved for fiction."""
    return f"+49171391{next(_phones):05d}"


@dataclass(frozen=True)
class Account:
    """A user with a password."""

    id: int
    name: str
    phone: str
    password: str = PASSWORD


class ApiClient:
    """The API for one user, to prepare rows and to check them."""

    def __init__(self, address: str, phone: str | None = None, password: str = PASSWORD) -> None:
        self._confirmation = {"password": password}
        self._client = httpx2.Client(base_url=f"{address}/api", trust_env=False)
        if phone is not None:
            try:
                self.send("POST", "/sessions", {"phone": phone, "password": password})
            except BaseException:
                self.close()
                raise

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def send(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Any:
        """Return the content of the answer, which must be a success."""
        response = self._client.request(method, path, json=body, headers=headers)
        if response.status_code == 403 and "confirmation-required" in response.text:
            confirmed = self._client.post("/account/confirmations", json=self._confirmation)
            assert confirmed.is_success, confirmed.text
            response = self._client.request(method, path, json=body, headers=headers)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def get(self, path: str) -> Any:
        """Return the resource at a path."""
        return self.send("GET", path)

    def new_event(self, **values: object) -> dict[str, Any]:
        """Create an event, in three months by default."""
        in_three_months = datetime.now(UTC).replace(microsecond=0) + timedelta(days=90)
        shown = {
            "title": "An Evening of Tests",
            "description": "Three acts and an interval.",
            "venue": "Proving Ground",
            "date_time": in_three_months.isoformat(),
            "price": "25.00",
        }
        body = bodies.new_event(**shown | values)
        created: dict[str, Any] = self.send("POST", "/events", body)
        return created

    def edit_event(self, event: dict[str, Any], **values: object) -> None:
        """Change some fields of an event."""
        self.send("PUT", f"/events/{event['id']}", bodies.edited_event(event, **values))

    def new_customer(self, name: str = "Kim Example") -> Account:
        """Create a customer, whose phone is verified."""
        phone = new_phone()
        user = self.send("POST", "/users", {"name": name, "phone": phone, "password": PASSWORD})
        self.send("PUT", f"/users/{user['id']}/phone", {"phone": phone, "verified": True})
        return Account(user["id"], name, phone)

    def book(self, event: dict[str, Any], quantity: int, user: Account | None = None) -> Any:
        """Book tickets; an admin may book for another user."""
        body = {"event_id": event["id"], "quantity": quantity}
        return self.send("POST", "/bookings", body | ({"user_id": user.id} if user else {}))

    def bookings(self, person: Account) -> list[dict[str, Any]]:
        """Return the bookings of a user."""
        items: list[dict[str, Any]] = self.get(f"/bookings/user/{person.id}")["items"]
        return items

    def available(self, event: dict[str, Any]) -> int:
        """Return how many tickets are left."""
        left: int = self.get(f"/events/{event['id']}")["tickets_available"]
        return left


@contextmanager
def serve(cluster: Cluster, folder: Path, smtp_port: int) -> Iterator[str]:
    """Serve a new database with the demo season; yield the address. Mails go to `smtp_port`."""
    cluster.psql(f"CREATE DATABASE e2e OWNER {OWNER};")
    url = cluster.url("e2e", OWNER)
    variables = {**os.environ, "DATABASE_URL": url, "DEMO": "true"}
    for module in (("app.operations.migrations", "apply"), ("seeds.demo",)):
        command = [sys.executable, "-m", *module]
        subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True)
    settings = {
        "DEMO": "true",
        "SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
        "WEBHOOK_PRIVATE_ADDRESSES": "true",
    }
    with serving(url, folder, [settings]) as [server]:
        yield server.address
    cluster.psql("DROP DATABASE e2e WITH (FORCE);")
