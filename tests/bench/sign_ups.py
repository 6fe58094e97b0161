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
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
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


class Client:
    """Sends each request from a network of its own: the limits of a network stop none of them."""

    def __init__(self, address: str, networks: int) -> None:
        """`networks` is the number of the first network."""
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
        self._client = httpx2.AsyncClient(
            base_url=address, limits=limits, timeout=30, trust_env=False
        )
        self._networks = networks

    async def post(self, path: str, body: dict[str, str]) -> int:
        """Return the status of the answer."""
        self._networks += 1
        high, low = divmod(self._networks, 1 << 16)
        headers = {"X-Forwarded-For": f"2001:db8:{high:x}:{low:x}::1"}
        return (await self._client.post(path, json=body, headers=headers)).status_code


async def sign_in(
    client: Client, people: list[Person], seconds: float
) -> tuple[list[float], Counter[int]]:
    """Sign in, one after the other; return how long each took, and what they were answered."""
    times: list[float] = []
    statuses: Counter[int] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        person = people[len(times) % len(people)]
        started = time.perf_counter()
        body = {"phone": person.phone, "password": PASSWORD}
        statuses[await client.post("/api/sessions", body)] += 1
        times.append(time.perf_counter() - started)
    return times, statuses


async def sign_up(address: str, seconds: float) -> Counter[int]:
    """Keep 600 sign-ups going; return what they were answered."""
    client = Client(address, networks=1 << 24)
    statuses: Counter[int] = Counter()
    end = time.monotonic() + seconds

    async def keep_on() -> None:
        while time.monotonic() < end:
            statuses[await client.post("/api/users", new_user())] += 1

    await asyncio.gather(*(keep_on() for _ in range(SIGN_UPS)))
    return statuses


def flood(address: str, seconds: float) -> Counter[int]:
    """Sign up in a process of its own, so that the client that measures is not slowed down."""
    return asyncio.run(sign_up(address, seconds))


async def measure(server: ServerProcess, people: list[Person]) -> bool:
    """Print what was measured; return whether the target is met."""
    client = Client(server.address, networks=0)
    await sign_in(client, people, 1)
    quiet, _ = await sign_in(client, people, SECONDS)
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(1, get_context("spawn")) as processes:
        flooding = loop.run_in_executor(processes, flood, server.address, SECONDS + 2)
        # The process needs a moment to start.
        await sign_in(client, people, 2)
        busy, answers = await sign_in(client, people, SECONDS)
        sign_ups = await flooding
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
