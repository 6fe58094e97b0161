"""Output for the person at the terminal: a line for each step, and a message for a failure."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class LocalError(Exception):
    """A failure that the person can fix; its message says what is wrong and how to fix it."""


def say(text: str = "") -> None:
    """Print a line without delay, also into a pipe."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print a message to standard error, after all lines printed so far."""
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print the name of a step before it, and how long it took after it."""
    started = time.monotonic()
    say(f"==> {name}")
    yield
    say(f"    done in {time.monotonic() - started:.1f} s")
