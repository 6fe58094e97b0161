"""Progress of long work, for a person who waits."""

import sys
import time
from typing import TextIO

BAR_WIDTH = 30
SECONDS_BETWEEN_LINES = 10


class Progress:
    """A bar that is drawn over itself on a terminal; elsewhere a line now and then."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._what = ""
        self._started = 0.0
        self._written = 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show how many of the total are done; call it with 0 at the beginning of each part."""
        now = time.monotonic()
        if what != self._what:
            self._what, self._started, self._written = what, now, now
        line = _describe(what, done, total, now - self._started)
        if self._terminal:
            self._stream.write(f"\r{line}\x1b[K" + ("\n" if done >= total else ""))
        elif done >= total or now - self._written >= SECONDS_BETWEEN_LINES:
            self._stream.write(f"{line}\n")
            self._written = now
        self._stream.flush()


def _describe(what: str, done: int, total: int, seconds: float) -> str:
    share = done / total if total else 1.0
    bar = ("█" * round(share * BAR_WIDTH)).ljust(BAR_WIDTH, "░")
    line = f"{what:<8} {bar} {share:4.0%}  {done:,} of {total:,}"
    if not done or not seconds:
        return line
    rate = done / seconds
    rest = f"in {_clock(seconds)}" if done >= total else f"{_clock((total - done) / rate)} left"
    return f"{line}  {rate:,.0f}/s  {rest}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
