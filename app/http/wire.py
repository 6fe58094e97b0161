"""HTTP/1.1 on the wire: uvicorn's protocol, with the limits and checks that it lacks.

- A request for an upgrade is served as if it asked for none (RFC 9110, 7.8). The parser ends the
  message after such a head and would read the body as the next request.
- A head has at most MAX_HEAD_BYTES, trailers included, and arrives within HEAD_SECONDS.
- A body that nobody waits for any more ends the connection, and so does a client that stops
  reading its answer.
- There are fewer connections than file descriptors.
- Trailers do not become headers (RFC 9110, 6.5.1).
- A request that is refused here gets a problem, with the same headers as every other answer.
"""

import asyncio
from collections.abc import Callable
from functools import cache
from typing import Any

import httptools
import structlog
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from app.http import descriptors
from app.http.hosts import is_secure
from app.http.middleware import record, response_without_request
from app.http.problem_types import TOO_MANY_CONNECTIONS
from app.http.problems import Problem, busy

MAX_HEAD_BYTES = 16 * 1024
HEAD_SECONDS = 10
GRACE_SECONDS = 0.1
# How long the rest of a refused request is read and thrown away. If the connection closed at once,
# a client that is still sending might never see the answer.
LINGER_SECONDS = 5
TURNING_AWAY_SECONDS = 1
# A client that reads nothing for this long counts as gone.
STALLED_SECONDS = 60
WARN_EVERY_SECONDS = 60

log = structlog.get_logger("marquee")
most_connections = cache(descriptors.most_connections)


class HeadTooLargeError(Exception):
    """A request's head, with its trailers, is larger than MAX_HEAD_BYTES."""


class Wire(HttpToolsProtocol):
    """One connection of a client."""

    _next_warning = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._running: RequestResponseCycle | None = None
        # Whether what arrives is thrown away.
        self._deaf = False
        # Between the first line of a request and its body; also where its trailers may stand.
        self._in_head = False
        # Whether that head began in the latest piece of data.
        self._head_is_new = False
        # How many bytes of the head arrived in later pieces.
        self._head_read = 0
        # Between a request's head and its end.
        self._in_body = False
        self._repeating_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request, unless there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            self._turn_away()
        else:
            self._end_after(HEAD_SECONDS, self._head_is_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell every request without a complete answer that its client is gone."""
        self._stop_timers()
        # uvicorn tells only the latest request. An earlier one would go on writing to a closed
        # connection.
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Look at what has arrived, in pieces that are no larger than a head may be."""
        rest = memoryview(data)
        while rest and not self._deaf:
            self._receive(rest[:MAX_HEAD_BYTES])
            rest = rest[MAX_HEAD_BYTES:]

    def _receive(self, piece: memoryview) -> None:
        self._head_is_new = False
        try:
            self._parse(piece)
        except httptools.HttpParserError as error:
            large = isinstance(error.__context__, HeadTooLargeError)
            self._refuse(Problem("headers-too-large" if large else "malformed-request"))
            return
        if self._in_head and not self._head_is_new:
            self._head_read += len(piece)
        if self._head_read > MAX_HEAD_BYTES:
            self._refuse(Problem("headers-too-large"))
        elif self._in_head and not self._in_body and self._deadline is None:
            self._end_after(HEAD_SECONDS, self._head_is_late)

    def _parse(self, data: memoryview) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]
                # A second head, with the same framing headers and no upgrade, makes the parser read
                # the body.
                headers = self.scope["headers"]
                framing = {b"content-length", b"transfer-encoding"}
                kept = [b"%b: %b\r\n" % header for header in headers if header[0] in framing]
                self._repeating_head = True
                self.parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % b"".join(kept))
                self._repeating_head = False
            else:
                return

    def on_message_begin(self) -> None:
        """Begin to count a head. Idling ends only here, and not with a stray line break."""
        super().on_message_begin()
        self._unset_keepalive_if_required()
        self._in_head = self._head_is_new = True
        self._head_read = 0
        # For the warning of a proxy that is not trusted: uvicorn replaces the client's address.
        self.scope["state"]["peer"] = self.client

    def on_headers_complete(self) -> None:
        """Begin to serve a request."""
        self._stop_deadline()
        self._unset_keepalive_if_required()
        if not self._repeating_head:
            if self.parser.get_method() == b"CONNECT":
                raise ValueError("CONNECT is for proxies")
            # A head within one piece need not be measured.
            if not self._head_is_new and self._head_size() > MAX_HEAD_BYTES:
                raise HeadTooLargeError
            super().on_headers_complete()
            # Idle connections must not keep new visitors out.
            self.cycle.keep_alive &= len(self.connections) <= most_connections() // 2
            # The parser hands trailers over like headers, and a proxy may let through as a trailer
            # what it removes as a header: they end here.
            self.headers = []
        self._in_head, self._in_body = False, True

    def _head_size(self) -> int:
        """Return the size of a head that is complete, as if it had no optional white space."""
        first_line = len(self.parser.get_method()) + len(self.url) + len("  HTTP/1.1\r\n")
        return first_line + sum(len(name) + len(value) + 3 for name, value in self.headers)

    def on_chunk_header(self) -> None:
        """Expect trailers: after the last chunk, which is empty, they follow."""
        self._in_head = self._head_is_new = True

    def on_body(self, body: bytes) -> None:
        """Take some of the body."""
        self._in_head = False
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note the end of a request, unless the parser has only left out its body."""
        if self.parser.should_upgrade():
            return
        self._in_head = self._in_body = False
        self._stop_deadline()
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Go on to the next request; close if the rest of this one does not arrive soon."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._end_after(STALLED_SECONDS, self.transport.abort)
        elif self._in_body and self.cycle.response_complete:
            self._end_after(LINGER_SECONDS, self.transport.abort)

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection."""
        super().timeout_keep_alive_handler()
        self._end_after(STALLED_SECONDS, self.transport.abort)

    def pause_writing(self) -> None:
        """Begin to wait for a client that does not read."""
        super().pause_writing()
        self._stalled = self.loop.call_later(STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client reads again."""
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()

    def _end_after(self, seconds: float, end: Callable[[], None]) -> None:
        self._stop_deadline()
        self._deadline = self.loop.call_later(seconds, end)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _stop_timers(self) -> None:
        self._stop_deadline()
        if self._stalled is not None:
            self._stalled.cancel()

    def _head_is_late(self) -> None:
        # When many requests have kept this process busy, the head may be there, not yet read.
        self._end_after(GRACE_SECONDS, self._give_up_on_head)

    def _give_up_on_head(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            # No further request is read before this one is answered.
            self._end_after(HEAD_SECONDS, self._head_is_late)
        elif self._in_head:
            self._refuse(Problem("request-timeout"))
        else:
            # A browser opens connections before it needs them. An answer without a request would
            # confuse it, so the connection is closed without one.
            self.transport.close()

    def _refuse(self, problem: Problem) -> None:
        """Answer in place of the application, and take no more requests."""
        self._deaf = True
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self.pipeline or cycle.response_started or not self._in_body:
                # The client would take this for the answer to an earlier request.
                cycle.keep_alive = False
                return
            cycle.disconnected = True
            cycle.message_event.set()
        elif self._in_body:
            self.transport.close()
            return
        request_id = self._respond_and_close(problem, LINGER_SECONDS)
        record(request_id, "", "", problem.status, 0.0)

    def _turn_away(self) -> None:
        """Refuse a connection beyond the limit; log that once a minute."""
        self._deaf = True
        if self.loop.time() >= Wire._next_warning:
            Wire._next_warning = self.loop.time() + WARN_EVERY_SECONDS
            log.warning("too many connections", most=most_connections())
        if len(self.connections) > most_connections() + descriptors.SPARE // 2:
            self.transport.abort()
        else:
            self._respond_and_close(busy(TOO_MANY_CONNECTIONS), TURNING_AWAY_SECONDS)

    def _respond_and_close(self, problem: Problem, linger_seconds: float) -> str:
        """Write an answer that is the last of this connection, and return its request id."""
        settings = self.app_state["services"].settings
        response = response_without_request(
            problem, secure=is_secure(self.scheme or "http", settings)
        )
        headers = [*self.server_state.default_headers, *response.raw_headers]
        lines = [b"%b: %b\r\n" % header for header in (*headers, (b"connection", b"close"))]
        head = STATUS_LINE[problem.status] + b"".join(lines) + b"\r\n"
        self.transport.write(head + bytes(response.body))
        self.transport.write_eof()
        self._end_after(linger_seconds, self.transport.abort)
        return response.headers["x-request-id"]
