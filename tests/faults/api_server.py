"""The API as in production, `python -m app` with workers, which tests kill and restart."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.local import ports
from tests.support.servers import READY_SECONDS, STOP_SECONDS, ServerProcess, is_ready, start_server


class ApiServer:
    """A server on a fixed port, whose processes may be killed and started again."""

    def __init__(self, database_url: str, folder: Path, workers: int) -> None:
        self.port = ports.choose()
        self.log = folder / "api.log"
        self._database_url = database_url
        self._workers = workers
        self._process: subprocess.Popen[bytes] | None = None
        self._settings = {
            "PORT": str(self.port),
            "WORKERS": str(workers),
            # Files that a killed server leaves are deleted with the folder of the tests.
            "TMPDIR": str(folder),
        }

    def start(self) -> None:
        """Start it unless it runs, and wait until every worker serves."""
        if self._process is None or self._process.poll() is not None:
            self._process = start_server(self._database_url, self.log, self._settings).process
        server = ServerProcess(self._process, self.address, self.log)
        deadline = time.monotonic() + READY_SECONDS
        while not (is_ready(server) and len(self.workers()) == self._workers):
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = self.log.read_text(errors="replace")[-2000:]
                raise AssertionError(f"The API did not get ready:\n{said}")
            time.sleep(0.05)

    @property
    def address(self) -> str:
        return f"http://{ports.LOOPBACK}:{self.port}"

    def workers(self) -> list[int]:
        """Return the ids of the serving processes."""
        assert self._process is not None
        if self._workers == 1:
            return [self._process.pid]
        listed = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="],
            capture_output=True,
            text=True,
            check=True,
        )
        found = [line.split(None, 2) for line in listed.stdout.splitlines()]
        parent = str(self._process.pid)
        return [int(pid) for pid, of, words in found if of == parent and "spawn_main" in words]

    def kill_worker(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """Kill all its processes, as a crash does."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def ask_to_stop(self) -> None:
        assert self._process is not None
        self._process.terminate()

    def until_stopped(self) -> int:
        """Wait until it has ended by itself, and return the exit code."""
        assert self._process is not None
        code = self._process.wait(STOP_SECONDS)
        self._process = None
        return code


@contextmanager
def running_api_server(database_url: str, folder: Path, workers: int = 2) -> Iterator[ApiServer]:
    """Run the API; when leaving, kill all its processes."""
    api_server = ApiServer(database_url, folder, workers)
    try:
        api_server.start()
        yield api_server
    finally:
        api_server.kill()
