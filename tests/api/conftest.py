"""The API in this process over a fresh database, and what else the tests of the API share."""

import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path

import httpx2
import psycopg
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor

from app.data import passwords
from app.http import pages
from app.local.postgres import Cluster
from tests.support.application import Api, in_process, new_client
from tests.support.databases import OWNER, contradictions
from tests.support.servers import ServerProcess, serving

HERE = Path(__file__).parent
LAST = HERE / "test_contract_coverage.py"
INDEX = """<html><head><title>Marquee</title></head>
<body><mq-root ngCspNonce="CSP_NONCE"><main></main></mq-root></body></html>"""


def pytest_configure() -> None:
    # httpx2 would log every URL, ticket codes included, into the output of the tests.
    logging.getLogger("httpx2").setLevel(logging.WARNING)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the nginx tests where nginx is missing.

    The tests of the contract's coverage run last, and only when all tests of the API run.
    """
    if shutil.which("nginx") is None and not Path("/usr/sbin/nginx").exists():
        needing = [item for item in items if item.get_closest_marker("nginx")]
        config.hook.pytest_deselected(items=needing)
        items[:] = [item for item in items if item not in needing]
    last = [item for item in items if item.path == LAST]
    others = [item for item in items if item.path != LAST]
    partly = config.option.keyword or config.option.markexpr or "::" in "".join(config.args)
    if partly or not {item.path for item in others} >= {*HERE.glob("test_*.py")} - {LAST}:
        config.hook.pytest_deselected(items=last)
        last = []
    items[:] = [*others, *last]


@pytest.fixture(scope="session")
def cheap_hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch, cheap_hasher: PasswordHasher) -> None:
    """Hash passwords quickly in this process; real servers hash as in production."""
    monkeypatch.setattr(passwords, "HASHER", cheap_hasher)


@pytest.fixture
async def api(database_url: str, db: psycopg.Connection) -> AsyncIterator[Api]:
    """The API in this process over this test's own database."""
    async with in_process(database_url) as client:
        yield Api(client, db)


@pytest.fixture
def built(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Api:
    """The API with a frontend that is only its page."""
    (tmp_path / "index.html").write_text(INDEX)
    monkeypatch.setattr(pages, "BUILT_FRONTEND", tmp_path)
    monkeypatch.setattr(pages, "index", cache(pages.index.__wrapped__))
    return api


@pytest.fixture(scope="module")
def module_database_url(
    request: pytest.FixtureRequest, cluster: Cluster, migrated_template: NoopExecutor
) -> Iterator[str]:
    """A migrated database for the tests of one file. At the end it must have no violations."""
    janitor = DatabaseJanitor(
        user=OWNER,
        host=migrated_template.host,
        port=migrated_template.port,
        dbname=f"api_{request.path.stem}",
        template_dbname=migrated_template.template_dbname,
    )
    with janitor:
        url = cluster.url(janitor.dbname, OWNER)
        yield url
        assert contradictions(url) == []


@pytest.fixture(scope="module")
def module_db(module_database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        yield connection


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_api(module_database_url: str, module_db: psycopg.Connection) -> AsyncIterator[Api]:
    """The API in this process for the tests of one file, which share its database.

    These tests are marked `asyncio(loop_scope="module")`.
    """
    async with in_process(module_database_url) as client:
        yield Api(client, module_db)


@pytest.fixture(scope="package")
def server_database_url(cluster: Cluster, migrated_template: NoopExecutor) -> Iterator[str]:
    """A migrated database behind the two servers."""
    janitor = DatabaseJanitor(
        user=OWNER,
        host=migrated_template.host,
        port=migrated_template.port,
        dbname="api_servers",
        template_dbname=migrated_template.template_dbname,
    )
    with janitor:
        yield cluster.url(janitor.dbname, OWNER)


@pytest.fixture(scope="package")
def two_servers(
    server_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[ServerProcess]]:
    """Two API processes over one database. Only the first trusts a proxy in front of it."""
    settings = [{"TRUSTED_PROXIES": "127.0.0.1"}, {}]
    with serving(server_database_url, tmp_path_factory.mktemp("servers"), settings) as servers:
        yield servers


@pytest.fixture
async def two_apis(
    server_database_url: str, two_servers: list[ServerProcess]
) -> AsyncIterator[list[Api]]:
    """The API through each of the two processes.

    Afterwards no row may contradict another, and no server may have logged an error.
    """
    async with AsyncExitStack() as open_ones:
        clients = []
        for server in two_servers:
            limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
            transport = httpx2.AsyncHTTPTransport(limits=limits, verify=False)
            client = new_client(transport, server.address)
            clients.append(await open_ones.enter_async_context(client))
        with psycopg.connect(server_database_url, autocommit=True) as db:
            # The tests share a client address, whose failed sign-ins are counted.
            db.execute("DELETE FROM sign_in_failures")
            yield [Api(client, db) for client in clients]
            assert db.execute("SELECT * FROM integrity_violations").fetchall() == []
    for server in two_servers:
        assert server.errors() == []
