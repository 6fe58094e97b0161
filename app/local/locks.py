"""Locks between runs of `make`. The kernel releases a lock when its holder ends for any reason."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from app.local.console import say


class Lock:
    """An exclusive lock on a file, in which its holder leaves a note for others to read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the lock, unless a child process has inherited it."""
        os.close(self._file)

    def take(self) -> bool:
        """Take the lock if nobody else holds it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait(self) -> None:
        """Take the lock when it is free."""
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def inherited_file(self) -> int:
        """Return the file to pass to a child that should hold the lock as well."""
        return self._file

    @property
    def note(self) -> str:
        """The text that the holder of the lock wrote into it."""
        return self._path.read_text()

    @note.setter
    def note(self, text: str) -> None:
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text.encode(), 0)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock during the block; wait while another run of `make` holds it."""
    with Lock(path) as lock:
        if not lock.take():
            say("Waiting for another `make` in this folder ...")
            lock.wait()
        yield
