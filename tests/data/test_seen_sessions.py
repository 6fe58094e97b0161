"""That sessions are used is written apart from the requests that use them."""

import asyncio
from typing import Any, cast

import pytest

from app.data import seen_sessions
from app.data.database import Database
from app.data.errors import DatabaseAwayError
from app.data.seen_sessions import SeenSessions


class Recorder:
    """A database that keeps the ids of each statement, and is away at first if that is asked."""

    def __init__(self, *, away: int = 0) -> None:
        self.written: list[list[int]] = []
        self.statements: asyncio.Queue[list[int]] = asyncio.Queue()
        self._away = away

    async def value(self, name: str, /, *, session_ids: list[int]) -> Any:
        assert name == "mark_sessions_seen"
        self.statements.put_nowait(session_ids)
        if self._away:
            self._away -= 1
            raise DatabaseAwayError
        self.written.append(session_ids)


def seen_by(recorder: Recorder) -> SeenSessions:
    return SeenSessions(cast("Database", recorder))


async def written(recorder: Recorder) -> None:
    """Return when another statement has run."""
    await asyncio.wait_for(recorder.statements.get(), 20)


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_sessions, "PAUSE_SECONDS", 0)


@pytest.mark.usefixtures("_at_once")
async def test_sessions_used_together_share_one_statement() -> None:
    recorder = Recorder()
    sessions = seen_by(recorder)

    for session_id in (3, 1, 3, 2):
        sessions.note(session_id)
    await written(recorder)
    sessions.note(3)
    await written(recorder)

    assert recorder.written == [[1, 2, 3], [3]]


@pytest.mark.usefixtures("_at_once")
async def test_very_many_sessions_take_several_statements(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seen_sessions, "MOST_AT_ONCE", 2)
    recorder = Recorder()
    sessions = seen_by(recorder)

    for session_id in range(5):
        sessions.note(session_id)
    for _ in range(3):
        await written(recorder)

    assert recorder.written == [[0, 1], [2, 3], [4]]


@pytest.mark.usefixtures("_at_once")
async def test_after_a_failure_the_next_use_is_written() -> None:
    recorder = Recorder(away=1)
    sessions = seen_by(recorder)

    sessions.note(1)
    await written(recorder)
    sessions.note(1)
    await written(recorder)

    assert recorder.written == [[1]]


async def test_closing_does_not_wait_for_the_pause() -> None:
    recorder = Recorder()
    sessions = seen_by(recorder)

    sessions.note(1)
    async with asyncio.timeout(seen_sessions.PAUSE_SECONDS / 2):
        await sessions.close()

    assert recorder.written == []
