"""What `make` installs and builds, and when it does so again."""

import os
import subprocess
from pathlib import Path

import pytest

from app.local import setup
from app.local.console import LocalError
from tests.local.conftest import NODE_PROGRAMS, Project

INSTALL = "uv pip install --quiet --require-hashes -r requirements.lock -r requirements-local.lock"
SYNC = "uv pip sync --quiet --require-hashes requirements-dev.lock"
BUILD = "npm run build"


def test_a_run_installs_nothing_after_a_development_installation(project: Project) -> None:
    assert project.calls("tools") == []
    assert project.calls("packages") == []


def test_development_installs_more_than_a_run(project: Project) -> None:
    (project.folder / ".venv/tools").unlink()
    assert project.calls("packages") == []
    assert project.calls("tools") == [SYNC]
    assert project.calls("tools") == []


@pytest.mark.parametrize("lock", ("requirements.lock", "requirements-local.lock"))
def test_a_changed_lock_file_is_installed(project: Project, lock: str) -> None:
    _change(project, lock)
    assert project.calls("packages") == [INSTALL]
    assert project.calls("packages") == []
    assert project.calls("tools") == [SYNC]


def test_node_and_npm_are_those_of_the_installed_package(project: Project) -> None:
    _change(project, "requirements.lock")
    project.calls("packages")
    for name, path in NODE_PROGRAMS.items():
        program = project.folder / ".venv/bin" / name
        assert program.resolve() == (project.folder / path).resolve()
        assert os.access(program, os.X_OK)


def test_a_changed_lock_file_of_the_frontend_is_installed(project: Project) -> None:
    _change(project, "frontend/package-lock.json")
    assert project.calls("tools") == ["npm ci"]
    assert project.calls("tools") == []


@pytest.mark.parametrize(
    ("command", "changed"),
    ((INSTALL, "requirements.lock"), ("npm ci", "frontend/package.json")),
)
def test_an_installation_that_failed_is_repeated(
    project: Project, command: str, changed: str
) -> None:
    _change(project, changed)
    project.write("fail", command)
    failed = project.make("build")
    assert failed.returncode == 2
    assert "failed on purpose" in failed.stdout
    project.write("fail", "")
    assert project.calls("build")[0] == command


def test_an_unchanged_frontend_is_built_once(project: Project) -> None:
    assert project.calls("build") == [BUILD]
    assert project.calls("build") == []


def test_a_build_that_failed_is_repeated(project: Project) -> None:
    project.calls("build")
    project.write("frontend/src/app.ts", "2")
    project.write("fail", BUILD)
    assert project.make("build").returncode == 2
    project.write("fail", "")
    assert project.calls("build") == [BUILD]


def test_a_changed_source_is_built(project: Project) -> None:
    project.calls("build")
    project.write("frontend/src/app.ts", "2")
    assert project.calls("build") == [BUILD]


def test_a_renamed_source_is_built(project: Project) -> None:
    project.calls("build")
    source = project.folder / "frontend/src/app.ts"
    source.rename(source.with_name("main.ts"))
    assert project.calls("build") == [BUILD]


def test_generated_and_ignored_files_cause_no_build(project: Project) -> None:
    project.calls("build")
    project.write("frontend/dist/index.html", "built")
    project.write("frontend/src/app.spec.ts", "a test")
    project.write("frontend/screenshots/page.png", "a picture")
    (project.folder / "frontend/src/app.ts").touch()
    assert project.calls("build") == []


def test_concurrent_set_ups_wait_for_each_other(project: Project) -> None:
    one, said = project.start("setup", "first\n", "sh", "-c", "echo first; read answer")
    other, said = project.start("setup", "Waiting for another `make`", "echo", "second")
    assert "second" not in said
    assert one.stdin is not None
    one.stdin.write("go on\n")
    one.stdin.flush()
    assert other.stdout is not None
    assert other.stdout.readline() == "second\n"


def test_a_broken_virtual_environment_is_recreated(project: Project) -> None:
    assert setup.is_usable(project.folder / ".venv")
    assert project.call("setup", "true").returncode == 0
    assert (project.folder / ".venv").exists()

    python = project.folder / ".venv/bin/python"
    program = python.read_text()
    python.unlink()
    assert not setup.is_usable(project.folder / ".venv")
    python.write_text(program)
    python.chmod(0o755)

    moved = project.folder / "moved"
    moved.mkdir()
    for name in ("app", ".venv"):
        (project.folder / name).rename(moved / name)
    assert not setup.is_usable(moved / ".venv")
    command = [*project.command("setup"), "echo", "done"]
    result = subprocess.run(command, cwd=moved, capture_output=True, text=True, check=True)
    assert "does not work here and is created again" in result.stdout
    assert result.stdout.endswith("done\n")
    assert not (moved / ".venv").exists()


def test_a_python_without_venv_names_the_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(LocalError, match=r"apt-get install python3\.\d+-venv"):
        setup.check_venv_module()


def test_files_of_another_user_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("app.local.setup.ROOT", tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(LocalError, match=f"{tmp_path} belongs to"):
        setup.check_owner()


def _change(project: Project, path: str) -> None:
    """Change a file, and make sure that it is newer than everything made from it."""
    project.write(path, "a==2\n")
    newest = max(file.stat().st_mtime_ns for file in project.folder.rglob("*") if file.is_file())
    os.utime(project.folder / path, ns=(newest + 1, newest + 1))
