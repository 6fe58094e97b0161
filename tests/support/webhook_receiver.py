"""A receiver of webhooks on loopback, for tests that send through real processes."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple


class Message(NamedTuple):
    """A message as it was received."""

    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what it has read, and answers with `status` once it is not `hanging`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 204
        self.messages: list[Message] = []
        self.answering = threading.Event()
        self.answering.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    def hang(self) -> None:
        """Answer nothing until `answering` is set."""
        self.answering.clear()

    def wait_for(self, wanted: Callable[[list[Message]], bool], seconds: float = 30) -> None:
        """Wait until the received messages satisfy `wanted`."""
        deadline = time.monotonic() + seconds
        while not wanted(self.messages):
            assert time.monotonic() < deadline, [message.id for message in self.messages]
            time.sleep(0.02)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.messages.append(Message(headers, body, time.monotonic()))
        if self.server.answering.wait(60):
            self.send_response(self.server.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver until the block ends."""
    with Receiver() as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        try:
            yield receiver
        finally:
            receiver.answering.set()
            receiver.shutdown()
