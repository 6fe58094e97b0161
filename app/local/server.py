"""The application's server: start it, wait until it is ready, stop it."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from app.addresses import is_loopback
from app.local import ports
from app.local.console import LocalError, say
from app.local.locks import Lock
from app.local.paths import LOCAL, ROOT, environment
from app.local.processes import command_line

# The server's output under `make run`: one JSON object a line.
LOG = LOCAL / "server.log"
# A longer log becomes server.log.1, in place of the one before, and a new one begins.
LONGEST_LOG = 20_000_000
READY_SECONDS = 60
STOP_SECONDS = 30
NOTE_SECONDS = 5


def address() -> str:
    """Return where a browser on this machine finds the server."""
    host = _host()
    shown = {"0.0.0.0": ports.LOOPBACK, "::": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://{shown}:{_port()}"


def is_on_loopback() -> bool:
    """Say whether only this machine can reach the server."""
    return is_loopback(_host())


@contextmanager
def only_one() -> Iterator[Lock]:
    """Hold the lock of this folder's server; raise LocalError when it is already running."""
    with _lock() as lock:
        if not lock.take():
            raise LocalError(
                f"Marquee is already running from this folder: {_note(lock)['address']}\n"
                "`make stop` stops it, and the embedded PostgreSQL."
            )
        _end_leftovers(lock)
        _write_note(lock, os.getpid())
        if not ports.is_free(_port(), _host()):
            raise LocalError(
                f"Port {_port()} is taken by another program.\n"
                f"Choose another one: make run PORT={_port() + 1}"
            )
        try:
            yield lock
        finally:
            _end_leftovers(lock)


class Processes:
    """Programs that run until the person stops them, or until one of them ends."""

    def __init__(self, lock: Lock) -> None:
        self._lock = lock
        self._running: list[subprocess.Popen[bytes]] = []
        self._received: list[int] = []
        self._stopping = False
        self._log: Path | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._receive)

    def start(
        self,
        command: Sequence[str],
        variables: dict[str, str],
        folder: Path = ROOT,
        log: Path | None = None,
    ) -> None:
        """Start a program, which holds the lock until it ends.

        Its output replaces the `log`; without one it goes to the terminal.
        """
        self._log = log
        with ExitStack() as stack:
            output = stack.enter_context(_private(log)) if log else None
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment(**variables),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                # Ctrl-C then reaches only this process, which forwards one signal to each program.
                start_new_session=True,
                pass_fds=[self._lock.inherited_file()],
            )
        self._running.append(process)
        if self._stopping:
            process.terminate()
        if len(self._running) == 1:
            _write_note(self._lock, process.pid)

    def wait_until_ready(self) -> bool:
        """Wait until the server is ready; return False when the person stops it before that."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            self._forward()
            if self._ended() is not None:
                self._stop_rest()
                if self._stopping:
                    return False
                raise LocalError(f"The server ended while starting.{self._last_lines()}")
            if _answers("/readyz") is not None:
                return True
            time.sleep(0.05)
        self._stop_rest()
        raise LocalError(f"The server was not ready after {READY_SECONDS} s.")

    def wait(self) -> None:
        """Wait until one program ends, then stop the others."""
        while (status := self._ended()) is None:
            self._forward()
            if self._log is not None:
                _shorten(self._log)
            time.sleep(0.1)
        self._stop_rest()
        if not self._stopping and status not in (0, -signal.SIGTERM, -signal.SIGINT):
            raise LocalError(f"The server ended with status {status}.{self._last_lines()}")

    def _last_lines(self) -> str:
        if self._log is None:
            return " The reason is above."
        lines = self._log.read_text(errors="replace").splitlines()[-10:]
        return "\n".join(["", *lines, f"Log: {self._log}"])

    def _ended(self) -> int | None:
        return next((p.returncode for p in self._running if p.poll() is not None), None)

    def _stop_rest(self) -> None:
        # If the person stopped them, every program has the signal already.
        if not self._stopping:
            for process in self._running:
                process.terminate()
        while any(process.poll() is None for process in self._running):
            self._forward()
            time.sleep(0.05)

    def _receive(self, number: int, _: FrameType | None) -> None:
        # Do nothing else here: the signal may have interrupted the printing of a line.
        self._received.append(number)

    def _forward(self) -> None:
        """Forward received signals. After a second Ctrl-C the server does not finish requests."""
        while self._received:
            number = self._received.pop(0)
            if not self._stopping:
                say("\nStopping the server ...")
            self._stopping = True
            for process in self._running:
                process.send_signal(signal.SIGTERM if number == signal.SIGHUP else number)


def demo_accounts() -> list[dict[str, str]]:
    """Return the accounts of a demo database, with which anyone may sign in."""
    config = _answers("/api/config") or {}
    accounts = config.get("demo_accounts") or []
    return [dict(account) for account in accounts]


def stop() -> bool:
    """Stop the server of this folder; say whether it was running."""
    with _lock() as lock:
        if lock.take():
            return _end_leftovers(lock)
        leader = int(_note(lock)["pid"])
        with suppress(ProcessLookupError):
            os.kill(leader, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while not lock.take():
            if time.monotonic() > deadline:
                with suppress(ProcessLookupError):
                    os.killpg(leader, signal.SIGKILL)
            time.sleep(0.05)
        return True


def _private(log: Path) -> BinaryIO:
    """Open a new log that only its owner can read, because it shows who requested what."""
    log.unlink(missing_ok=True)
    # Each process writes at the end of the file, wherever that is after _shorten().
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
    return open(os.open(log, flags, 0o600), "ab")  # noqa: PTH123


def _shorten(log: Path) -> None:
    """Move the content of a log that is too long to another file.

    The processes go on writing to the same file. A line that is written between the two steps is
    lost, so this is for a developer's machine.
    """
    if log.stat().st_size <= LONGEST_LOG:
        return
    older = log.with_name(f"{log.name}.1")
    with _private(older) as copy, log.open("rb") as content:
        shutil.copyfileobj(content, copy)
    os.truncate(log, 0)


def _lock() -> Lock:
    return Lock(LOCAL / "server.lock")


def _end_leftovers(lock: Lock) -> bool:
    """End workers that outlived a killed server: they would keep the port and still answer."""
    if not lock.note:
        return False
    note = _note(lock)
    leader, where = int(note["pid"]), urlsplit(note["address"])
    host, port = where.hostname or ports.LOOPBACK, where.port or 80
    lock.note = ""
    # A process with the leader's id is another program, which got the same id later.
    if ports.is_free(port, host) or command_line(leader):
        return False
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(leader, number)
        except OSError:
            return False
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline:
            if ports.is_free(port, host):
                return True
            time.sleep(0.05)
    return False


def _write_note(lock: Lock, pid: int) -> None:
    lock.note = json.dumps({"pid": pid, "address": address()})


def _note(lock: Lock) -> dict[str, Any]:
    """Read the note, which the holder writes as soon as it has the lock."""
    deadline = time.monotonic() + NOTE_SECONDS
    while not (text := lock.note):
        if time.monotonic() > deadline:
            raise LocalError("Another `make` is at work in this folder. Try again when it is done.")
        time.sleep(0.01)
    note: dict[str, Any] = json.loads(text)
    return note


def _answers(path: str) -> dict[str, Any] | None:
    """Return the JSON that the server answers at a path, or None when it does not answer."""
    # A proxy that is set in the environment cannot reach this server.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address()}{path}", timeout=5) as response:
            body = response.read()
    except OSError:
        return None
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _host() -> str:
    return os.environ.get("HOST", ports.LOOPBACK)


def _port() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise LocalError(f"PORT is {text!r}; it must be a number from 1 to 65535.")
    return int(text)
