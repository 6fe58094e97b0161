"""What a flood of sign-ups costs those who sign in: `python -m tests.bench.sign_ups`.

Signing in may take at most twice its quiet time (95th percentile) while 600 people sign up at once.
The sign-ups come from as many networks, so that no limit of a network stops them: what is measured
are the queues. Each sign-in comes from a network of its own as well.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx2
import psycopg

from app.local.postgres import throw_away_cluster
from tests.bench.servers import database
from tests.support.bodies import PASSWORD, new_user
from tests.support.people import Person, add_person
from tests.support.servers import ServerProcess, serving

SIGN_UPS = 600
SECONDS = 8
MOST_TIMES = 2
PEOPLE = 20


def network(number: int) -> dict[str, str]:
    """Return the header of a client in a network of its own."""
    return {"X-Forwarded-For": f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1"}


class Measurement:
    """Sign-ins, one after the other, with or without a flood beside them."""

    def __init__(self, client: httpx2.AsyncClient, people: list[Person]) -> None:
        self._client = client
        self._people = people
        self._networks = 0

    async def sign_ins(self, seconds: float) -> tuple[list[float], Counter[int]]:
        """Return how long each sign-in took, and what they were answered."""
        times: list[float] = []
        statuses: Counter[int] = Counter()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            person = self._people[len(times) % len(self._people)]
            started = time.perf_counter()
            body = {"phone": person.phone, "password": PASSWORD}
            statuses[await self._post("/api/sessions", body)] += 1
            times.append(time.perf_counter() - started)
        return times, statuses

    async def flood(self, seconds: float) -> Counter[int]:
        """Keep as many sign-ups going; return what they were answered."""
        statuses: Counter[int] = Counter()
        end = time.monotonic() + seconds

        async def sign_up() -> None:
            while time.monotonic() < end:
                statuses[await self._post("/api/users", new_user())] += 1

        await asyncio.gather(*(sign_up() for _ in range(SIGN_UPS)))
        return statuses

    async def _post(self, path: str, body: dict[str, str]) -> int:
        self._networks += 1
        response = await self._client.post(path, json=body, headers=network(self._networks))
        return response.status_code


async def measure(server: ServerProcess, people: list[Person]) -> bool:
    """Print what was measured; return whether the target is met."""
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx2.AsyncClient(
        base_url=server.address, limits=limits, timeout=30, trust_env=False
    ) as client:
        measurement = Measurement(client, people)
        await measurement.sign_ins(1)
        quiet, _ = await measurement.sign_ins(SECONDS)
        (busy, answers), sign_ups = await asyncio.gather(
            measurement.sign_ins(SECONDS), measurement.flood(SECONDS)
        )
    before, during = (statistics.quantiles(times, n=20)[-1] for times in (quiet, busy))
    print(f"quiet: {len(quiet)} sign-ins, p95 {before * 1000:.0f} ms")
    print(f"beside {SIGN_UPS} sign-ups at once: {len(busy)}, p95 {during * 1000:.0f} ms")
    print(f"sign-ins were answered {dict(answers)}, sign-ups {dict(sign_ups)}")
    print(f"{during / before:.1f} times as long; the target is under {MOST_TIMES}")
    return during < MOST_TIMES * before and set(answers) == {201}


def main() -> None:
    """Measure with a server of one process; end with status 1 if the target is missed."""
    with tempfile.TemporaryDirectory() as folder, throw_away_cluster(in_memory=False) as cluster:
        url = database(cluster, "sign_ups", events=10, bookings=10)
        with psycopg.connect(url, autocommit=True) as db:
            people = [add_person(db) for _ in range(PEOPLE)]
        settings = {"TRUSTED_PROXIES": "127.0.0.1", "BACKGROUND": "false"}
        with serving(url, Path(folder), [settings]) as (server,):
            is_met = asyncio.run(measure(server, people))
    sys.exit(0 if is_met else 1)


if __name__ == "__main__":
    main()
