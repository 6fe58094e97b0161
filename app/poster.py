"""Draws an event's poster as a picture for programs that preview a link.

As a program (`python -m app.poster SEED`) it writes the PNG to its standard output.

Browsers draw it themselves, from the same seed: frontend/src/app/ui/poster-art.ts. Both must draw
the same, down to the last digit, and the tests of both read frontend/src/testing/posters.json.

A poster has no words. Programs write the title below the picture themselves, in any script. They
keep pictures for weeks, and a date in a picture would stay there when the event moves.
"""

import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import resvg_py

T = TypeVar("T")

# The size that programs ask for: https://ogp.me does not say one, most of them crop to 1.91 : 1.
WIDTH, HEIGHT = 1200, 630
# Posters are drawn on a square of this size and cropped around its middle.
SIZE = 300

Random = Callable[[], float]
Inks = tuple[str, str, str, str]


@dataclass(frozen=True)
class Shape:
    """One flat shape of a poster: an SVG path, and the ink it is printed in."""

    path: str
    fill: str


@dataclass(frozen=True)
class Poster:
    """A poster: its ground, and the shapes on it from back to front."""

    ground: str
    shapes: tuple[Shape, ...]


# Four printing inks each; the first is the ground.
PALETTES: tuple[Inks, ...] = (
    ("#d9482b", "#f4e7cf", "#1d1916", "#e8a72f"),
    ("#1f6a68", "#f2e6d0", "#f0805f", "#14283f"),
    ("#2545a3", "#f5c9c0", "#f3c335", "#151a33"),
    ("#e7b9ae", "#8f2f23", "#12413f", "#f6ead6"),
    ("#5b2350", "#f6b66c", "#e25c7c", "#f7ead3"),
    ("#d79a25", "#1f1a15", "#f4ecdb", "#b8391f"),
    ("#efe0c2", "#1c5a45", "#e2613b", "#1d1b3a"),
    ("#1a2042", "#ef6a50", "#efdf6a", "#b0a0dd"),
    ("#9ec7d6", "#17334d", "#f7efdf", "#d8502f"),
    ("#1d1a17", "#e9573a", "#f3e3c3", "#d9a441"),
)


def poster_of(seed: int) -> Poster:
    """Return the poster of a seed, which is any integer of 32 bits."""
    random = _random_from(seed)
    ground, *others = _pick(PALETTES, random)
    a, b, c = _shuffled(others, random)
    compose = _pick(COMPOSITIONS, random)
    return Poster(ground, tuple(compose(random, (ground, a, b, c))))


def svg_of(poster: Poster) -> str:
    """Return a poster as an SVG document, cropped to the size of the picture."""
    # Each shape has a thin edge in its own colour. Otherwise the ground would show as a hairline
    # where two shapes meet.
    paths = "".join(
        f'<path d="{shape.path}" fill="{shape.fill}" stroke="{shape.fill}" stroke-width="0.3"/>'
        for shape in poster.shapes
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
        f' viewBox="0 0 {SIZE} {SIZE}" preserveAspectRatio="xMidYMid slice">'
        f'<rect width="{SIZE}" height="{SIZE}" fill="{poster.ground}"/>{paths}</svg>'
    )


def png_of(svg: str) -> bytes:
    """Return an SVG document as a PNG. It takes some milliseconds of a core."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True))


def _arcs_from_corner(random: Random, inks: Inks) -> Iterator[Shape]:
    ground, a, b, c = inks
    x = _pick((0, SIZE), random)
    y = _pick((0, SIZE), random)
    cycle = (a, ground, b, ground, c, ground)
    rings = 5 + math.floor(random() * 3)
    disc = Shape(_circle(SIZE - x, SIZE - y, 34 + random() * 22), b)
    for ring in range(rings):
        yield Shape(_circle(x, y, 260 - (ring * 260) / rings), cycle[ring % len(cycle)])
    yield disc


def _sun_over_stripes(random: Random, inks: Inks) -> Iterator[Shape]:
    ground, a, b, c = inks
    horizon = 150 + random() * 50
    yield Shape(_circle(90 + random() * 120, horizon, 70 + random() * 35), a)
    yield Shape(_rectangle(0, horizon, SIZE, SIZE), ground)
    for row in range(6):
        stripe = _rectangle(0, horizon + row * 26, SIZE, 9 + row * 2.6)
        yield Shape(stripe, b if row % 2 == 0 else c)


def _tiles(random: Random, inks: Inks) -> Iterator[Shape]:
    _, a, b, c = inks
    cell = SIZE // 4
    figures: tuple[Callable[[int, int], str], ...] = (
        lambda x, y: f"M{x} {y}H{x + cell}A{cell} {cell} 0 0 1 {x} {y + cell}z",
        lambda x, y: f"M{x + cell} {y}V{y + cell}A{cell} {cell} 0 0 1 {x} {y}z",
        lambda x, y: f"M{x + cell} {y + cell}H{x}A{cell} {cell} 0 0 1 {x + cell} {y}z",
        lambda x, y: f"M{x} {y + cell}V{y}A{cell} {cell} 0 0 1 {x + cell} {y + cell}z",
        lambda x, y: _circle(x + cell / 2, y + cell / 2, cell / 2 - 8),
        lambda x, y: f"M{x} {y}h{cell}l{-cell} {cell}z",
        lambda x, y: _rectangle(x, y, cell, cell),
    )
    for index in range(16):
        figure = _pick(figures, random)((index % 4) * cell, index // 4 * cell)
        yield Shape(figure, _pick((a, b, c, a), random))


def _bars(random: Random, inks: Inks) -> Iterator[Shape]:
    _, a, b, c = inks
    count = 7 + math.floor(random() * 3)
    step = SIZE / count
    for index in range(count):
        width = step * 0.72
        # The widest crop shows the round end of each.
        height = 105 + random() * 95
        x = index * step + (step - width) / 2
        radius = _rounded(width / 2)
        path = (
            f"M{_rounded(x)} {SIZE}V{_rounded(SIZE - height)}"
            f"a{radius} {radius} 0 0 1 {_rounded(width)} 0V{SIZE}z"
        )
        yield Shape(path, _pick((a, b, c, a), random))


def _record(random: Random, inks: Inks) -> Iterator[Shape]:
    ground, a, b, c = inks
    x = 120 + _nearest(random() * 60)
    y = 130 + _nearest(random() * 40)
    radii = (128, 96, 82, 68, 40, 9)
    lower = random() < 0.5
    for radius, fill in zip(radii, (a, ground, a, b, c, ground), strict=True):
        yield Shape(_circle(x, y, radius), fill)
    yield Shape(_rectangle(0, y, SIZE, SIZE) if lower else _rectangle(x, 0, SIZE, SIZE), ground)
    # The half that is cut away, beside its place: other halves would leave crumbs of both.
    for radius, fill in zip(radii[:4], (c, ground, b, ground), strict=True):
        start = f"M{x + 26 - radius} {y + 26}" if lower else f"M{x + 26} {y + 26 - radius}"
        arc = f"0 0 0 {2 * radius} 0z" if lower else f"0 0 1 0 {2 * radius}z"
        yield Shape(f"{start}a{radius} {radius} {arc}", fill)
    # Where four halves end in one line, the edges of the lower ones show through.
    yield Shape(_rectangle(0, y, SIZE, 26) if lower else _rectangle(x, 0, 26, SIZE), ground)


def _curtain(random: Random, inks: Inks) -> Iterator[Shape]:
    _, a, b, c = inks
    pleats = 6
    width = SIZE // pleats
    # The widest crop shows where most pleats end.
    drop = 105 + random() * 45
    yield Shape(_circle(150, 300, 110 + random() * 40), c)
    for index in range(pleats):
        edge = drop - abs(index - (pleats - 1) / 2) * -24
        path = (
            f"M{index * width} 0h{width}v{_rounded(edge)}"
            f"a{width // 2} {width // 2} 0 0 1 {-width} 0z"
        )
        yield Shape(path, a if index % 2 == 0 else b)


def _beams(random: Random, inks: Inks) -> Iterator[Shape]:
    _, a, b, c = inks
    x = 60 + random() * 180
    for index, fill in enumerate((a, b, a, c)):
        left = -120 + index * 150 + random() * 40
        path = f"M{_rounded(x)} -10L{_rounded(left)} 310h{_rounded(62 + random() * 30)}z"
        yield Shape(path, fill)
    yield Shape(_circle(x, 8, 46), b)
    yield Shape(_circle(80 + random() * 150, 236, 22 + random() * 18), c)


def _dots(random: Random, inks: Inks) -> Iterator[Shape]:
    _, a, b, c = inks
    cells = 7
    step = SIZE / cells
    centre_x = random() * cells
    centre_y = random() * cells
    for row in range(cells):
        for column in range(cells):
            distance = math.sqrt((column - centre_x) ** 2 + (row - centre_y) ** 2) / cells
            radius = step * max(0.1, 0.52 - distance * 0.46)
            dot = _circle((column + 0.5) * step, (row + 0.5) * step, radius)
            yield Shape(dot, b if distance < 0.3 else a if distance < 0.62 else c)


COMPOSITIONS: tuple[Callable[[Random, Inks], Iterator[Shape]], ...] = (
    _arcs_from_corner,
    _sun_over_stripes,
    _tiles,
    _bars,
    _record,
    _curtain,
    _beams,
    _dots,
)


def _circle(x: float, y: float, radius: float) -> str:
    r = _rounded(radius)
    # Rounded on its own, a chord longer than two radii would make an oval.
    arc = f"a{r} {r} 0 1 0"
    chord = _rounded(2 * float(r))
    return f"M{_rounded(x - radius)} {_rounded(y)}{arc} {chord} 0{arc} -{chord} 0z"


def _rectangle(x: float, y: float, width: float, height: float) -> str:
    w, h = _rounded(width), _rounded(height)
    return f"M{_rounded(x)} {_rounded(y)}h{w}v{h}h-{w}z"


def _rounded(value: float) -> str:
    """Return a number with at most one digit after the point, as JavaScript writes it."""
    return f"{_nearest(value * 10) / 10:g}"


def _nearest(value: float) -> int:
    """Round as Math.round() does: halves go up."""
    return math.floor(value + 0.5)


def _pick(choices: Sequence[T], random: Random) -> T:
    return choices[math.floor(random() * len(choices))]


def _shuffled(items: Sequence[T], random: Random) -> list[T]:
    order = [random() for _ in items]
    return [item for _, item in sorted(zip(order, items, strict=True), key=lambda one: one[0])]


def _random_from(seed: int) -> Random:
    """Return mulberry32: small, fast and the same in every language."""
    state = seed

    def random() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        mixed = (state ^ (state >> 15)) * (state | 1) & 0xFFFFFFFF
        mixed ^= mixed + (mixed ^ (mixed >> 7)) * (mixed | 61)
        mixed &= 0xFFFFFFFF
        return (mixed ^ (mixed >> 14)) / 2**32

    return random


if __name__ == "__main__":
    # Requests of the site itself go first.
    os.nice(19)
    sys.stdout.buffer.write(png_of(svg_of(poster_of(int(sys.argv[1])))))
