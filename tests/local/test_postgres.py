"""A PostgreSQL server in a folder: what a crash leaves, and how the next start handles it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.local.console import LocalError
from app.local.postgres import DISCREET, NOT_DURABLE, Cluster, find_binaries, throw_away_cluster


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    made = Cluster(folder)
    made.init()
    made.start()
    yield made
    made.remove()


def test_a_killed_server_restarts_on_its_port_with_its_rows(cluster: Cluster) -> None:
    cluster.psql("CREATE TABLE kept AS SELECT 'a row' AS content")
    port = cluster.port
    cluster.kill()
    assert not cluster.is_running()
    assert (cluster.data / "postmaster.pid").exists()

    cluster.start()
    assert cluster.port == port
    assert cluster.psql("TABLE kept") == "a row\n"


def test_a_reused_process_id_is_not_taken_for_the_server(cluster: Cluster) -> None:
    cluster.kill()
    leftover = cluster.data / "postmaster.pid"
    _, _, rest = leftover.read_text().partition("\n")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        leftover.write_text(f"{other.pid}\n{rest}")
        assert not cluster.is_running()
        cluster.start()
        assert cluster.psql("SELECT 1") == "1\n"
        assert other.poll() is None


def test_a_server_is_found_again_after_its_folder_moved(folder: Path) -> None:
    before = Cluster(folder / "before")
    before.init()
    before.start()
    (folder / "before").rename(folder / "after")
    after = Cluster(folder / "after")
    try:
        assert after.is_running()
    finally:
        after.remove()


def test_a_port_in_use_is_replaced(cluster: Cluster) -> None:
    taken = cluster.port
    cluster.stop()
    with socket.create_server(("127.0.0.1", taken)):
        cluster.start()
    assert cluster.port != taken
    assert Cluster(cluster.folder).port == cluster.port
    assert cluster.psql("SHOW port") == f"{cluster.port}\n"


def test_the_server_listens_on_loopback_only(cluster: Cluster) -> None:
    assert cluster.psql("SHOW listen_addresses") == "127.0.0.1\n"
    assert cluster.psql("SHOW unix_socket_directories") == "\n"


def test_the_default_is_durable_and_options_reach_the_server(folder: Path) -> None:
    with throw_away_cluster({"work_mem": "7MB"}) as made:
        assert made.psql("SHOW fsync; SHOW work_mem") == "on\n7MB\n"
        where = made.folder
    assert not where.exists()


def test_the_log_has_errors_without_row_data() -> None:
    with throw_away_cluster({**NOT_DURABLE, **DISCREET}) as made:
        made.psql("CREATE TABLE people (phone text CHECK (phone <> '+491713920001'))")
        with pytest.raises(LocalError):
            made.psql("INSERT INTO people VALUES ('+491713920001')")
        log = made.log.read_text()
    assert "violates check constraint" in log
    assert "+491713920001" not in log


def test_a_password_is_required(folder: Path) -> None:
    guarded = Cluster(folder, password="a/b@c d")
    guarded.init()
    guarded.start()
    try:
        assert guarded.psql("SELECT 1") == "1\n"
        assert "a%2Fb%40c%20d@127.0.0.1" in guarded.url()
        with pytest.raises(LocalError, match="password authentication failed"):
            _with_password(guarded, "wrong").psql("SELECT 1")
    finally:
        guarded.remove()


def test_an_interrupted_creation_is_repeated(folder: Path) -> None:
    (folder / "data.new").mkdir()
    (folder / "data.new" / "half").touch()
    made = Cluster(folder)
    made.init()
    made.start()
    try:
        assert made.psql("SHOW server_encoding") == "UTF8\n"
    finally:
        made.remove()


def test_a_wrong_setting_is_named(folder: Path) -> None:
    made = Cluster(folder, options={"no_such_setting": "1"})
    made.init()
    with pytest.raises(LocalError, match="no_such_setting"):
        made.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders nobody else may enter")
def test_root_can_use_a_folder_of_its_own(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    made = Cluster(tmp_path / "cluster")
    made.init()
    made.start()
    try:
        assert made.psql("SELECT 1") == "1\n"
    finally:
        made.remove()


def test_a_wrong_pg_bindir_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PG_BINDIR", str(tmp_path))
    with pytest.raises(LocalError, match=f"PG_BINDIR is {tmp_path}"):
        find_binaries()


def _with_password(cluster: Cluster, password: str) -> Cluster:
    return Cluster(cluster.folder, password=password)
