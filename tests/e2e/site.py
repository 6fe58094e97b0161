"""The running site: a server over a database of its own with the demo season in it."""

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

PASSWORD = "curtain-call"
_phones = itertools.count(1)


def new_phone() -> str:
    """Return a phone number that nobody has, in a range reserved for fiction."""
    return f"+49171391{next(_phones):05d}"


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    id: int
    name: str
    phone: str
    password: str = PASSWORD


class Api:
    """The site's API for one person, as a program uses it: to set a scene and to check it."""

    def __init__(self, address: str, phone: str | None = None, password: str = PASSWORD) -> None:
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
        """Return the answer's content; anything but a success is an error."""
        response = self._client.request(method, path, json=body, headers=headers)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def get(self, path: str) -> Any:
        """Return what is there."""
        return self.send("GET", path)

    def new_event(self, **values: object) -> dict[str, Any]:
        """Create an event, in three months unless told otherwise."""
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
        """Change some of an event."""
        self.send("PUT", f"/events/{event['id']}", bodies.edited_event(event, **values))

    def new_customer(self, name: str = "Kim Example") -> Person:
        """Sign somebody up."""
        phone = new_phone()
        user = self.send("POST", "/users", {"name": name, "phone": phone, "password": PASSWORD})
        return Person(user["id"], name, phone)

    def book(self, event: dict[str, Any], quantity: int, user: Person | None = None) -> Any:
        """Book tickets; for somebody else as an admin."""
        body = {"event_id": event["id"], "quantity": quantity}
        return self.send("POST", "/bookings", body | ({"user_id": user.id} if user else {}))

    def bookings(self, person: Person) -> list[dict[str, Any]]:
        """Return somebody's bookings."""
        items: list[dict[str, Any]] = self.get(f"/bookings/user/{person.id}")["items"]
        return items

    def available(self, event: dict[str, Any]) -> int:
        """Return how many tickets are left."""
        left: int = self.get(f"/events/{event['id']}")["tickets_available"]
        return left


@contextmanager
def serve(cluster: Cluster, folder: Path) -> Iterator[str]:
    """Serve a new database with the demo season; yield the address."""
    cluster.psql(f"CREATE DATABASE e2e OWNER {OWNER};")
    url = cluster.url("e2e", OWNER)
    variables = {**os.environ, "DATABASE_URL": url, "DEMO": "true"}
    for module in (("app.operations.migrations", "apply"), ("seeds.demo",)):
        command = [sys.executable, "-m", *module]
        subprocess.run(command, cwd=ROOT, env=variables, check=True, capture_output=True)
    with serving(url, folder, [{"DEMO": "true"}]) as [server]:
        yield server.address
    cluster.psql("DROP DATABASE e2e WITH (FORCE);")
