"""A folder PostgreSQL can use, and a stand-in project to run `app.local` in."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.local import environment, ports
from app.local.postgres import Cluster, find_binaries

ROOT = Path(__file__).resolve().parents[2]

_NOT_INHERITED = ("DATABASE_URL", "HOST", "WORKERS")

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
        self.wfile.write(json.dumps({"demo_accounts": [account]}).encode())

    def log_message(self, *_):
        pass

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


class Project:
    """A checkout whose application is a stand-in, and whose PostgreSQL is real."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = ports.choose()
        self._started: list[subprocess.Popen[str]] = []
        shutil.copytree(ROOT / "app" / "local", folder / "app" / "local")
        shutil.copy(ROOT / environment.RUN, folder)
        for shared in ("addresses.py", "database_url.py"):
            shutil.copy(ROOT / "app" / shared, folder / "app")
        self._write("app/__init__.py", "")
        self._write("app/migrations.py", MIGRATIONS)
        self._write("app/__main__.py", SERVER)
        self._write("seeds/demo.py", DEMO)
        self._pretend_packages_are_installed()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.folder / ".local" / "postgres")

    def call(
        self, *words: str, text: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "app.local", *words],
            cwd=self.folder,
            env=self._environment(variables),
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def run(self, **variables: str) -> tuple[subprocess.Popen[str], str]:
        """Start `run`; return it when the server is ready, with what it said so far."""
        return self.start("run", "Ctrl-C stops the server.", **variables)

    def start(self, word: str, until: str, **variables: str) -> tuple[subprocess.Popen[str], str]:
        """Start a command; return it when it says so much, with what it said so far."""
        process = subprocess.Popen(
            [sys.executable, "-m", "app.local", word],
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

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if k not in _NOT_INHERITED}
        own = {"PORT": str(self.port), "PG_BINDIR": str(find_binaries())}
        return {**inherited, **own, **variables}

    def _write(self, path: str, content: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)

    def _pretend_packages_are_installed(self) -> None:
        self._write(".venv/bin/python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (self.folder / ".venv/bin/python").chmod(0o755)
        stamp = environment.new_stamp(environment.RUN, self.folder)
        environment.write_stamp(self.folder / ".venv/installed.json", stamp)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's account may enter, which pytest's own it may not."""
    path = Path(tempfile.mkdtemp(prefix="marquee-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def project(folder: Path) -> Iterator[Project]:
    made = Project(folder)
    yield made
    made.end()
