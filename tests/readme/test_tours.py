"""The tours of README.md, run line by line against a server with the demo season."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.local.paths import ROOT
from app.local.postgres import find_binaries
from seeds.demo import seed
from tests.support.servers import serving

README = (ROOT / "README.md").read_text()


def block(name: str) -> str:
    """Return the code of the block after <!-- tour:name -->."""
    found = re.search(rf"<!-- tour:{name} -->\n```\w+\n(.*?)```", README, re.DOTALL)
    assert found is not None, f"README.md has no tour:{name}"
    return found[1]


@pytest.fixture
def season(database_url: str) -> str:
    seed(database_url)
    return database_url


@pytest.fixture
def address(season: str, tmp_path: Path) -> Iterator[str]:
    with serving(season, tmp_path, [{"DEMO": "true"}]) as (server,):
        yield server.address


def test_the_tour_with_curl_books_once_and_cancels(address: str, tmp_path: Path) -> None:
    lines = block("curl").replace("http://127.0.0.1:8000", address).strip().splitlines()
    # A separator between the outputs of the lines, which are JSON without line breaks.
    script = "\n".join(f"{line}\necho" for line in lines)
    finished = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    answers = [json.loads(line) for line in finished.stdout.splitlines() if line]
    events, misspelt, session, booked, looked_at, cancelled = answers
    assert len(events["items"]) == 3
    assert "Stadium Night" in misspelt["items"][0]["title"]
    assert session["user"]["role"] == "customer"
    assert len(booked["tickets"]) == 2
    assert looked_at["id"] == booked["id"], "the repeated key made no second booking"
    assert cancelled["status"] == "cancelled"


def test_the_tour_with_psql_answers_and_cannot_oversell(season: str) -> None:
    statements = block("psql").strip().splitlines()
    outputs = [
        subprocess.run(
            [find_binaries() / "psql", "-XAt", season, "-c", statement],
            capture_output=True,
            text=True,
            check=False,
        )
        for statement in statements
    ]
    *good, oversell = outputs
    assert [output.stderr for output in good] == [""] * len(good)
    sales, days, activity, violations, booked = (output.stdout for output in good)
    assert len(sales.splitlines()) == 5
    assert len(days.splitlines()) == 7
    assert len(activity.splitlines()) == 5
    assert violations == ""
    assert re.fullmatch(r"\d+\|[\d.]+\|\{([0-9A-Z]{5}-){4}.,([0-9A-Z]{5}-){4}.\}\n", booked)
    assert "events_never_oversold" in oversell.stderr
