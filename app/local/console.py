"""What the person at the terminal sees: one line a step, one plain message a failure."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class LocalError(Exception):
    """Something the person can put right; its message says what and how."""


def say(text: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print a message to standard error, after everything said so far."""
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Announce a step and, when it is through, how long it took."""
    started = time.monotonic()
    say(f"==> {name}")
    yield
    say(f"    done in {time.monotonic() - started:.1f} s")
