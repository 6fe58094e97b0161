"""Real server processes: how every suite starts, awaits and ends them."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

from app.local import ports
from app.local.paths import ROOT

APPLICATION = (sys.executable, "-m", "app")
READY_SECONDS = 60
STOP_SECONDS = 30
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class ServerProcess:
    """One API process, its address and its log."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    def lines(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the lines of the log, which are JSON. `since` is an earlier size of the log."""
        return [json.loads(line) for line in self.log.read_bytes()[since:].splitlines()]

    def warnings(self) -> list[dict[str, Any]]:
        """Return the lines of the log above level info.

        Tests log in as the owner of the database, so the server's warning of that is left out.
        """
        expected = "the API has logged in as the owner"
        return [
            line
            for line in self.lines()
            if line["level"] != "info" and not line["event"].startswith(expected)
        ]

    def errors(self) -> list[str]:
        """Return the lines of the log with errors."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if json.loads(line)["level"] in {"error", "critical"}]

    def descriptors(self) -> int:
        """Return how many files and connections the process has open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def memory(self) -> int:
        """Return the resident memory of the process in bytes."""
        shown = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(shown.stdout) * 1024


@contextmanager
def serving(
    database_url: str,
    folder: Path,
    settings: Sequence[Mapping[str, str]],
    command: Sequence[str] = APPLICATION,
) -> Iterator[list[ServerProcess]]:
    """Start one process for each of the settings; when leaving, end them and their children."""
    with ExitStack() as running:
        servers = []
        for number, given in enumerate(settings, 1):
            variables = {"PORT": str(ports.choose()), "WORKERS": "1", **given}
            log = folder / f"server-{number}.log"
            log.unlink(missing_ok=True)
            servers.append(start_server(database_url, log, variables, command))
            running.callback(_stop, servers[-1].process)
        for server in servers:
            _wait_until_ready(server)
        yield servers


def start_server(
    database_url: str, log: Path, settings: Mapping[str, str], command: Sequence[str] = APPLICATION
) -> ServerProcess:
    """Start a server on the port in its settings, in its own process group."""
    variables = {**os.environ, "DATABASE_URL": database_url, "HOST": ports.LOOPBACK, **settings}
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return ServerProcess(process, f"http://{ports.LOOPBACK}:{variables['PORT']}", log)


def is_ready(server: ServerProcess) -> bool:
    """Return whether a server is ready."""
    try:
        with _OPENER.open(f"{server.address}/readyz", timeout=5):
            return True
    except (OSError, HTTPException):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server, and then kill the rest of its process group."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait_until_ready(server: ServerProcess) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready(server):
        if server.process.poll() is not None or time.monotonic() > deadline:
            said = server.log.read_text(errors="replace")
            raise RuntimeError(f"The server did not get ready:\n{said}")
        time.sleep(0.05)
