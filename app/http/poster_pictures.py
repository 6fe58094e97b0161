"""Posters as pictures: drawn by a separate process, one at a time, and kept for a while.

Drawing one takes about 50 ms of a core, and Python's interpreter would be locked all the time. In
this process every booking would wait for it.
"""

import asyncio
import sys
from collections import OrderedDict

from app.data.errors import BusyError
from app.data.turns import Budget
from app.paths import ROOT

# How many pictures are kept. One has 5 to 65 kB.
KEPT = 64
# The share of the time in which a picture may be drawn. Programs that preview a link wait for some
# seconds.
SHARE = 0.5
WAIT_SECONDS = 5
LONGEST_REST = 0.5
DRAWING_SECONDS = 10


class PosterPictures:
    """Draws posters as PNG, and remembers those that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._budget = Budget(SHARE, WAIT_SECONDS, LONGEST_REST)

    async def png(self, seed: int) -> bytes:
        """Return the poster of a seed as a PNG; raise BusyError when its turn does not come."""
        if seed not in self._kept:
            try:
                async with self._budget.place():
                    # Another request may have asked for it meanwhile.
                    if seed not in self._kept:
                        self._kept[seed] = await _drawn(seed)
            except TimeoutError:
                raise BusyError from None
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(seed)
        return self._kept[seed]


async def _drawn(seed: int) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app.poster", str(seed)),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(DRAWING_SECONDS):
            picture, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise RuntimeError(f"Drawing the poster {seed} failed with {process.returncode}.")
    return picture
