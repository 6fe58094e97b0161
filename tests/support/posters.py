"""Posters that the server and the frontend must both draw.

After a deliberate change of the drawing, `python -m tests.support.posters` writes them again.
"""

import json

from app.paths import ROOT
from app.poster import poster_of

POSTERS = ROOT / "frontend" / "src" / "testing" / "posters.json"
# Two of each composition, with the inks of every palette.
# fmt: off
SEEDS = (
    1380490812, 397308498, 2147483647, 0, -1640531535, -1253254618, -1879881927, -865977701,
    1161830751, 1844960718, 204429183, -2062729661, 978983017, -661548518, 2140813768,
    887559150,
)
# fmt: on


def poster_in_words(seed: int) -> str:
    """Return a poster as the file has it: its ground, and fill and path of each shape."""
    poster = poster_of(seed)
    return " ".join([poster.ground, *(f"{shape.fill} {shape.path}" for shape in poster.shapes)])


if __name__ == "__main__":
    posters = {str(seed): poster_in_words(seed) for seed in SEEDS}
    POSTERS.write_text(json.dumps(posters, indent=2) + "\n")
