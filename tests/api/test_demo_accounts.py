"""The passwords of the demo accounts are public, so they do not work outside the demo."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import psycopg
import pytest

from app.api import demo_accounts
from app.data import passwords
from app.local.paths import ROOT
from app.settings import Settings
from seeds.accounts import DEMO_ACCOUNTS
from tests.support.application import Api, in_process
from tests.support.people import add_person
from tests.support.rows import value
from tests.support.servers import ServerProcess, serving

ADMIN = DEMO_ACCOUNTS[0]
WARNING = "demo accounts have their public passwords"


def add_demo_admin(db: psycopg.Connection, password: str = ADMIN["password"]) -> int:
    """Add a demo account, as a restored dump of the demo would."""
    hashed = passwords.HASHER.hash(password)
    return add_person(db, phone=ADMIN["phone"], role="admin", password_hash=hashed).id


async def sign_in(api: Api, password: str) -> httpx2.Response:
    body = {"phone": ADMIN["phone"], "password": password}
    return await api.anonymous.post("/api/sessions", body)


async def test_a_demo_password_does_not_work_outside_the_demo(api: Api, database_url: str) -> None:
    add_demo_admin(api.db)
    refused = await sign_in(api, ADMIN["password"])
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/sign-in-failed")
    # It is counted like any other wrong password.
    assert value(api.db, "SELECT count(*) FROM sign_in_failures") == 1
    async with in_process(database_url, DEMO="1") as client:
        assert (await sign_in(Api(client, api.db), ADMIN["password"])).status_code == 201


async def test_a_demo_account_with_a_new_password_works(api: Api) -> None:
    add_demo_admin(api.db, "a password of its own")
    assert (await sign_in(api, "a password of its own")).status_code == 201
    assert (await sign_in(api, ADMIN["password"])).status_code == 401


def test_the_server_and_the_seeds_name_the_same_accounts() -> None:
    assert [account.model_dump() for account in demo_accounts.accounts()] == DEMO_ACCOUNTS


def test_the_demo_season_is_refused_outside_the_demo(
    database_url: str, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.delenv("DEMO", raising=False)
    finished = subprocess.run(
        [sys.executable, "-m", "seeds.demo"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 1
    assert "set DEMO=1" in finished.stderr
    assert value(db, "SELECT count(*) FROM users") == 0


async def warnings(server: ServerProcess) -> list[object]:
    """Return the accounts that the server warns of, after it has checked them."""
    deadline = time.monotonic() + 20
    while WARNING not in server.log.read_text():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    return [line["user_ids"] for line in server.lines() if line["event"] == WARNING]


async def test_the_log_of_a_server_names_demo_accounts_with_public_passwords(
    database_url: str, db: psycopg.Connection, tmp_path: Path
) -> None:
    admin = add_demo_admin(db)
    other = passwords.HASHER.hash("a password of its own")
    add_person(db, phone=DEMO_ACCOUNTS[1]["phone"], password_hash=other)
    add_person(db, phone=DEMO_ACCOUNTS[2]["phone"], password_hash=None)
    settings = [{}, {"DEMO": "1"}]
    with serving(database_url, tmp_path, settings) as (server, in_demo):
        assert await warnings(server) == [[admin]]
        assert WARNING not in in_demo.log.read_text()
    assert "curtain-call" not in server.log.read_text()


def test_the_settings_are_no_demo_by_default() -> None:
    assert Settings.model_fields["demo"].default is False
