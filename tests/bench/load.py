"""Load from a separate process: keep-alive HTTP/1.1 connections, one request at a time on each.

`python -m tests.bench.load` reads a plan (JSON) from standard input and prints what it measured. It
does little work for each request, so that two cores measure the server.
"""

import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import cast

import uvloop


@dataclass(frozen=True)
class Plan:
    """What to send: each free connection takes the next of `requests`.

    #KEY# in a request is replaced by a new value each time, beginning with `key`.
    """

    host: str
    port: int
    connections: int
    seconds: float
    warm_up_seconds: float
    requests: list[str]
    key: str = ""


@dataclass
class Measured:
    """The answers after the warm-up."""

    requests: int = 0
    seconds: float = 0.0
    per_second: float = 0.0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)


class Connection(asyncio.Protocol):
    """Sends the next request as soon as the last is answered."""

    def __init__(self, requests: Iterator[bytes], finished: asyncio.Future[None]) -> None:
        self.requests = requests
        self.finished = finished
        self.answers: list[tuple[float, float, bytes]] = []
        self.buffer = b""
        self.begun = 0.0
        self.stopping = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop has its own class
        self._send()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head_end = self.buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        length_at = self.buffer.find(b"content-length: ", 0, head_end) + 16
        length = int(self.buffer[length_at : self.buffer.index(b"\r", length_at)])
        if len(self.buffer) < head_end + 4 + length:
            return
        now = time.perf_counter()
        self.answers.append((now, now - self.begun, self.buffer[9:12]))
        self.buffer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.finished.done():
            self.finished.set_result(None)

    def _send(self) -> None:
        if self.stopping:
            self.transport.close()
            return
        self.begun = time.perf_counter()
        self.transport.write(next(self.requests))


async def run(plan: Plan) -> Measured:
    """Execute a plan."""
    loop = asyncio.get_running_loop()
    requests = _requests(plan)
    protocols = []
    for _ in range(plan.connections):
        protocol = Connection(requests, loop.create_future())
        await loop.create_connection(partial(_made, protocol), plan.host, plan.port)
        protocols.append(protocol)
    begin = time.perf_counter() + plan.warm_up_seconds
    end = begin + plan.seconds
    await asyncio.sleep(plan.warm_up_seconds + plan.seconds)
    for protocol in protocols:
        protocol.stopping = True
    await asyncio.wait([protocol.finished for protocol in protocols], timeout=15)
    counted = [
        (took, status)
        for protocol in protocols
        for at, took, status in protocol.answers
        if begin <= at <= end
    ]
    times = sorted(took for took, _ in counted) or [0.0]
    return Measured(
        requests=len(counted),
        seconds=plan.seconds,
        per_second=len(counted) / plan.seconds,
        p50_ms=times[len(times) // 2] * 1000,
        p99_ms=times[int(len(times) * 0.99)] * 1000,
        statuses=dict(Counter(status.decode() for _, status in counted)),
    )


def _made(protocol: Connection) -> Connection:
    return protocol


def _requests(plan: Plan) -> Iterator[bytes]:
    written = itertools.cycle([request.encode("latin-1") for request in plan.requests])
    if not plan.key:
        return written
    key = plan.key.encode()
    return (
        request.replace(b"#KEY#", b"%s-%08d" % (key, number))
        for number, request in enumerate(written)
    )


if __name__ == "__main__":
    measured = uvloop.run(run(Plan(**json.load(sys.stdin))))
    json.dump(asdict(measured), sys.stdout)
