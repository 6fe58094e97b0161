"""`make run` and related commands, as a developer uses them."""

import json
import os
import signal
import socket
from pathlib import Path

import pytest

from app.local import ports, server
from app.local.postgres import Cluster
from tests.local.conftest import Project

SECRET = "s3kret"


def test_a_run_serves_until_it_is_stopped(project: Project) -> None:
    process, said = project.run()
    assert f"Marquee is ready: {project.address}" in said
    assert "phone +12025550100  password open sesame" in said

    second = project.call("run")
    assert second.returncode == 1
    assert f"already running from this folder: {project.address}" in second.stderr
    assert "make stop" in second.stderr

    assert project.call("stop").stdout == "Server: stopped\nPostgreSQL: stopped\n"
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert not project.cluster.is_running()
    assert project.call("stop").stdout == "Server: not running\nPostgreSQL: not running\n"


def test_a_run_keeps_mails_unless_there_is_a_mail_server(project: Project) -> None:
    process, said = project.run()
    assert f"Mails are not sent, but shown: {project.address}/mails" in said
    assert project.answer()["mail_folder"] == str(project.folder / ".local" / "mails")
    project.call("stop")
    process.communicate(timeout=30)

    _, said = project.run(SMTP_URL="smtp://mail.example")
    assert "Mails" not in said
    assert project.answer()["mail_folder"] is None


def test_a_database_of_the_developer_gets_no_folder_for_mails(
    project: Project, folder: Path
) -> None:
    other = Cluster(folder / "other")
    other.init()
    other.start()
    try:
        _, said = project.run(DATABASE_URL=other.url())
        assert "Mails" not in said
        assert project.answer()["mail_folder"] is None
        project.call("stop")
    finally:
        other.remove()


def test_ctrl_c_stops_the_server_and_leaves_the_database(project: Project) -> None:
    process, _ = project.run()
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "PostgreSQL keeps running" in said
    assert project.cluster.is_running()


def test_make_run_recovers_after_everything_was_killed(project: Project) -> None:
    process, said = project.run()
    assert "runs: 1\n" in said
    os.kill(_server_pid(project.folder), signal.SIGKILL)
    process.kill()
    project.cluster.kill()

    _, said = project.run()
    assert "runs: 2\n" in said


def test_an_orphaned_server_is_found_and_stopped(project: Project) -> None:
    process, _ = project.run()
    process.kill()
    process.wait()
    assert "already running" in project.call("run").stderr
    assert project.call("stop").stdout.startswith("Server: stopped\n")


def test_orphaned_workers_are_ended(project: Project) -> None:
    process, _ = project.run(WORKERS="1")
    process.kill()
    os.kill(_server_pid(project.folder), signal.SIGKILL)

    # The next run ends them; it also ends its own workers when only the server is killed.
    process, _ = project.run(WORKERS="1")
    os.kill(_server_pid(project.folder), signal.SIGKILL)
    process.communicate(timeout=30)
    assert ports.is_free(project.port)


def test_a_port_in_use_is_reported_with_a_remedy(project: Project) -> None:
    with socket.create_server(("127.0.0.1", project.port)):
        result = project.call("run")
    assert result.returncode == 1
    assert f"Port {project.port} is taken by another program" in result.stderr
    assert f"make run PORT={project.port + 1}" in result.stderr


@pytest.mark.parametrize("host", ("0.0.0.0", "::", "192.0.2.7", "tickets.example"))
@pytest.mark.parametrize("command", ("run", "dev"))
def test_the_demo_accounts_are_not_served_to_a_network(
    project: Project, command: str, host: str
) -> None:
    result = project.call(command, HOST=host)
    assert result.returncode == 1
    assert "served on loopback only" in result.stderr
    assert "DATABASE_URL=... HOST=... make run" in result.stderr
    assert not project.cluster.data.exists()


def test_the_log_is_readable_by_its_owner_only(project: Project) -> None:
    log = project.folder / ".local" / "server.log"
    log.parent.mkdir(exist_ok=True)
    log.write_text("an old one that everybody could read")
    log.chmod(0o644)
    project.run(HOST="localhost")
    assert log.stat().st_mode & 0o777 == 0o600
    assert "an old one" not in log.read_text()


def test_a_log_that_is_too_long_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LONGEST_LOG", 10)
    log, older = tmp_path / "server.log", tmp_path / "server.log.1"
    with server._private(log) as output:
        for written in (b"the first lines\n", b"the second lines\n"):
            output.write(written)
            output.flush()
            server._shorten(log)
            assert (log.read_bytes(), older.read_bytes()) == (b"", written)
        output.write(b"the last")
        output.flush()
        server._shorten(log)
    assert (log.read_bytes(), older.read_bytes()) == (b"the last", b"the second lines\n")
    assert {path.stat().st_mode & 0o777 for path in (log, older)} == {0o600}


def test_a_missing_database_is_named_without_its_password(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"postgresql://someone:{SECRET}@127.0.0.1:{port}/tickets"
    result = project.call("run", DATABASE_URL=url)
    assert result.returncode == 1
    assert f"Cannot reach the PostgreSQL at DATABASE_URL (host 127.0.0.1, port {port})" in (
        result.stderr
    )
    assert "refused" in result.stderr
    assert SECRET not in result.stderr + result.stdout


@pytest.mark.parametrize(
    "url",
    (
        f"mysql://someone:{SECRET}@127.0.0.1/tickets",
        f"postgresql://someone:{SECRET}/x@127.0.0.1/tickets",
        f"postgresql://someone:%zz{SECRET}@127.0.0.1/tickets",
        f"postgresql://someone:{SECRET}#x@127.0.0.1/tickets",
        f"postgresql://someone:5/{SECRET}@127.0.0.1/tickets",
        f"postgresql://someone:{SECRET}@x@127.0.0.1/tickets",
    ),
)
def test_a_wrong_address_is_explained_without_its_password(project: Project, url: str) -> None:
    result = project.make("migrate", DATABASE_URL=url)
    assert result.returncode == 2
    assert "postgresql://user:password@host:5432/database" in result.stderr
    assert SECRET not in result.stderr + result.stdout


def test_a_database_of_the_developer_gets_the_schema_without_demo_data(
    project: Project, folder: Path
) -> None:
    other = Cluster(folder / "other")
    other.init()
    other.start()
    try:
        result = project.make("migrate", DATABASE_URL=other.url())
        assert result.returncode == 0, result.stderr
        assert other.psql("SELECT count(*) FROM runs") == "0\n"
        assert not project.cluster.data.exists()
    finally:
        other.remove()


def test_demo_accounts_are_not_added_to_a_database_of_the_developer(
    project: Project, folder: Path
) -> None:
    other = Cluster(folder / "other")
    other.init()
    other.start()
    try:
        project.make("migrate", DATABASE_URL=other.url())
        result = project.make("seed", DATABASE_URL=other.url())
        assert result.returncode == 2
        assert "passwords of the demo accounts are public" in result.stderr
        assert other.psql("SELECT count(*) FROM runs") == "0\n"
    finally:
        other.remove()


def test_the_question_before_a_reset_blocks_no_other_command(project: Project) -> None:
    project.make("migrate")
    project.start("reset", "Type yes")
    assert project.call("stop").stdout == "Server: not running\nPostgreSQL: stopped\n"


def test_only_a_yes_deletes_the_database(project: Project) -> None:
    project.make("migrate")
    assert "Nothing was deleted" in project.call("reset", text="\n").stderr
    assert project.cluster.is_running()
    assert project.call("reset", text="yes\n").returncode == 0
    assert not project.cluster.data.exists()


def test_the_embedded_server_shows_statement_costs_and_lock_waits(project: Project) -> None:
    project.make("migrate")
    folder = project.folder / ".local" / "postgres"
    server = Cluster(folder, password=(folder / "postgres-password").read_text().strip())
    script = "SHOW log_lock_waits; SELECT count(*) > 0 FROM pg_stat_statements"
    assert server.psql(script) == "on\nt\n"


def test_the_passwords_are_readable_by_their_owner_only(project: Project) -> None:
    project.make("migrate")
    secrets = list((project.folder / ".local" / "postgres").glob("*-password"))
    assert len(secrets) == 2
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


def _server_pid(folder: Path) -> int:
    note = json.loads((folder / ".local" / "server.lock").read_text())
    return int(note["pid"])
