"""When packages are installed anew, and when not."""

from pathlib import Path

import pytest

from app.local import environment
from app.local.console import LocalError


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / environment.RUN).write_text("a==1\n")
    (tmp_path / environment.DEVELOPMENT).write_text("a==1\nb==1\n")
    return tmp_path


def test_a_run_needs_nothing_after_a_development_installation(checkout: Path) -> None:
    stamp = environment.new_stamp(environment.DEVELOPMENT, checkout)
    assert environment.is_current(stamp, environment.DEVELOPMENT, checkout)
    assert environment.is_current(stamp, environment.RUN, checkout)


def test_tests_need_more_than_a_run_installed(checkout: Path) -> None:
    stamp = environment.new_stamp(environment.RUN, checkout)
    assert environment.is_current(stamp, environment.RUN, checkout)
    assert not environment.is_current(stamp, environment.DEVELOPMENT, checkout)


def test_a_changed_lock_file_is_installed(checkout: Path) -> None:
    stamp = environment.new_stamp(environment.RUN, checkout)
    (checkout / environment.RUN).write_text("a==2\n")
    assert not environment.is_current(stamp, environment.RUN, checkout)


def test_a_moved_checkout_is_installed_anew(checkout: Path) -> None:
    stamp = environment.new_stamp(environment.RUN, checkout)
    moved = checkout.rename(checkout.with_name("moved"))
    assert not environment.is_current(stamp, environment.RUN, moved)


@pytest.mark.parametrize("content", ("", "{", "[]"))
def test_a_broken_note_of_the_last_installation_counts_as_none(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "stamp").write_text(content)
    assert environment.read_stamp(tmp_path / "stamp") == {}


def test_a_python_without_venv_is_told_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(LocalError, match=r"apt-get install python3\.\d+-venv"):
        environment.check_venv_module()


def test_another_persons_files_are_refused_with_their_name(
    monkeypatch: pytest.MonkeyPatch, checkout: Path
) -> None:
    monkeypatch.setattr("app.local.environment.ROOT", checkout)
    monkeypatch.setattr("os.geteuid", lambda: checkout.stat().st_uid + 1)
    with pytest.raises(LocalError, match=f"{checkout} belongs to"):
        environment.check_owner()
