"""PostgreSQL's own programs."""

import os
import subprocess

from app.local.postgres import find_binaries


def run_program(
    name: str, url: str, *arguments: str, script: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one of PostgreSQL's own programs on a database."""
    return subprocess.run(
        [find_binaries() / name, "-d", url, *arguments],
        input=script,
        env={**os.environ, "LC_ALL": "C", "PGOPTIONS": "-c client_min_messages=warning"},
        capture_output=True,
        text=True,
        check=False,
    )


def psql(url: str, script: str, *arguments: str) -> str:
    """Run a script with psql, which must succeed, and return its output."""
    result = run_program(
        "psql", url, "-XqAt", "-v", "ON_ERROR_STOP=1", *arguments, "-f", "-", script=script
    )
    assert result.returncode == 0, result.stderr
    return result.stdout
