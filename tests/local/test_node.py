"""Which Node will do, and when the frontend is built anew."""

from pathlib import Path

import pytest

from app.local import node


@pytest.mark.parametrize(
    ("version", "supported"),
    (
        ("v20.20.2", False),
        ("v22.22.2", False),
        ("v22.22.3", True),
        ("v22.23.0", True),
        ("v23.11.0", False),
        ("v24.14.9", False),
        ("v24.15.0", True),
        ("v25.9.0", False),
        ("v26.0.0", True),
        ("v30.1.2", True),
        ("", False),
        ("v26.0.0-nightly", False),
    ),
)
def test_node_versions(version: str, supported: bool) -> None:
    assert node.is_supported(version) is supported


@pytest.fixture
def frontend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "frontend"
    (folder / "src").mkdir(parents=True)
    (folder / "dist").mkdir()
    (folder / "src" / "app.ts").write_text("1")
    monkeypatch.setattr(node, "FRONTEND", folder)
    return folder


def test_a_changed_source_changes_the_fingerprint(frontend: Path) -> None:
    before = node.fingerprint(node.source_files(frontend))
    (frontend / "src" / "app.ts").write_text("2")
    assert node.fingerprint(node.source_files(frontend)) != before


def test_a_renamed_source_changes_the_fingerprint(frontend: Path) -> None:
    before = node.fingerprint(node.source_files(frontend))
    (frontend / "src" / "app.ts").rename(frontend / "src" / "main.ts")
    assert node.fingerprint(node.source_files(frontend)) != before


def test_what_a_build_makes_or_ignores_does_not(frontend: Path) -> None:
    before = node.fingerprint(node.source_files(frontend))
    (frontend / "dist" / "index.html").write_text("built")
    (frontend / "src" / "app.spec.ts").write_text("a test")
    assert node.fingerprint(node.source_files(frontend)) == before
