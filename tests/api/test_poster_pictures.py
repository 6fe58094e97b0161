"""The picture that programs show with a link to an event."""

import asyncio
import io
import re
import sys
from collections.abc import Sequence
from html import unescape
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
import resvg_py
from PIL import Image, ImageColor

from app.data.errors import BusyError
from app.http import poster_pictures
from app.http.poster_pictures import PosterPictures
from app.poster import HEIGHT, SIZE, WIDTH, Poster, png_of, poster_of, svg_of
from tests.support.application import Api, in_process
from tests.support.bodies import edited_event, new_event
from tests.support.posters import POSTERS, SEEDS, poster_in_words
from tests.support.rows import add_event

HOSTILE = (
    "W" * 200,
    "שלום עולם, ערב שירה",
    "مرحبا بالعالم \u200eabc",
    "🎭🎪👩‍👩‍👧‍👦 ∞",
    '"><script>alert(1)</script><svg onload="alert(1)">',
)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Which posters were drawn; drawing one takes no time."""
    seeds: list[int] = []

    async def draw(seed: int) -> bytes:
        await asyncio.sleep(0)
        seeds.append(seed)
        return b"picture of %d" % seed

    monkeypatch.setattr(poster_pictures, "_drawn", draw)
    return seeds


async def head_of(api: Api, event_id: int) -> dict[str, str]:
    html = (await api.anonymous.get(f"/events/{event_id}")).text
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', html)
    return {name: unescape(content) for name, content in found}


def picture_of(poster: Poster) -> Image.Image:
    return Image.open(io.BytesIO(png_of(svg_of(poster)))).convert("RGB")


def colours_at(picture: Image.Image, points: Sequence[tuple[float, float]]) -> set[Any]:
    """Return the colours at these points of the poster, which the picture crops at the top."""
    scale = WIDTH / SIZE
    cropped = (WIDTH - HEIGHT) / 2
    return {picture.getpixel((int(x * scale), int(y * scale - cropped))) for x, y in points}


def test_the_server_draws_what_browsers_draw() -> None:
    posters = orjson.loads(POSTERS.read_bytes())
    assert posters == {str(seed): poster_in_words(seed) for seed in SEEDS}
    # Seeds of either sign, also the smallest and the largest.
    assert poster_of(-1) == poster_of(2**32 - 1)
    assert len({poster_of(seed) for seed in range(60)}) > 55


def test_a_poster_is_never_nearly_empty() -> None:
    for seed in range(60):
        poster = poster_of(seed)
        ground = ImageColor.getrgb(poster.ground)
        inks = {colour: count for count, colour in picture_of(poster).getcolors(2**20) or ()}
        drawn = 1 - inks.get(ground, 0) / (WIDTH * HEIGHT)
        assert drawn > 0.15, seed


def test_no_hairline_shows_where_the_halves_of_a_record_end() -> None:
    tried = 0
    for seed in range(120):
        poster = poster_of(seed)
        label = re.match(r"M([\d.]+) ([\d.]+)a9 9 ", poster.shapes[5].path)
        if label is None:
            continue
        tried += 1
        x, y = float(label[1]) + 9, float(label[2])
        is_lower = poster.shapes[6].path.startswith("M0 ")
        # From the gap into a ring of the ground's colour, below which others end.
        line = [
            (x + 26 + 50, y + 20 + step) if is_lower else (x + 20 + step, y + 26 - 50)
            for step in (offset / 4 for offset in range(40))
        ]
        colours = colours_at(picture_of(poster), line)
        assert colours == {ImageColor.getrgb(poster.ground)}, seed
    assert tried > 5


async def test_a_poster_is_a_picture_of_the_size_that_programs_ask_for(api: Api) -> None:
    event = add_event(api.db, poster_seed=1380490812)
    response = await api.anonymous.get(f"/events/{event}/poster.png")
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/png"
    picture = Image.open(io.BytesIO(response.content))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    inks = {colour for _, colour in picture.convert("RGB").getcolors(2**20) or ()}
    # The four inks of its palette.
    assert {(158, 199, 214), (23, 51, 77), (247, 239, 223), (216, 80, 47)} <= inks


@pytest.mark.parametrize("title", HOSTILE)
async def test_no_title_changes_the_picture(built: Api, drawn: list[int], title: str) -> None:
    event = add_event(built.db, title=title, poster_seed=-7)
    head = await head_of(built, event)
    assert head["og:image:alt"].startswith(f"The poster of {title}:")
    assert head["og:image"] == f"http://marquee.localhost/events/{event}/poster.png?seed=-7"
    response = await built.anonymous.get(head["og:image"])
    assert response.content == b"picture of -7"
    assert drawn == [-7]


async def test_a_corrected_title_keeps_the_picture_and_another_seed_draws_another(
    built: Api,
) -> None:
    admin = built.admin()
    event = (await admin.post("/api/events", new_event(title="Macbeht"))).json()
    first = await built.anonymous.get((await head_of(built, event["id"]))["og:image"])

    path = f"/api/events/{event['id']}"
    corrected = (await admin.put(path, edited_event(event, title="Macbeth"))).json()
    head = await head_of(built, event["id"])
    assert head["og:title"] == "Macbeth"
    again = await built.anonymous.get(head["og:image"])
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])

    another = {"poster_seed": event["poster_seed"] ^ 1}
    assert (await admin.put(path, edited_event(corrected, **another))).status_code == 200
    head_after = await head_of(built, event["id"])
    assert head_after["og:image"] != head["og:image"]
    drawn_anew = await built.anonymous.get(head_after["og:image"])
    assert drawn_anew.content != first.content
    assert drawn_anew.headers["etag"] != first.headers["etag"]


async def test_previews_are_told_the_size_of_the_picture(built: Api) -> None:
    head = await head_of(built, add_event(built.db))
    assert head["twitter:card"] == "summary_large_image"
    assert head["og:image:type"] == "image/png"
    assert (head["og:image:width"], head["og:image:height"]) == ("1200", "630")


async def test_a_picture_that_has_not_changed_is_neither_drawn_nor_sent_again(
    api: Api, drawn: list[int]
) -> None:
    path = f"/events/{add_event(api.db, poster_seed=5)}/poster.png"
    first = await api.anonymous.get(path)
    assert first.headers["cache-control"] == "public, max-age=86400"
    assert (await api.anonymous.get(path)).content == first.content
    assert drawn == [5]
    tag = first.headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        unchanged = await api.anonymous.get(path, headers={"If-None-Match": known})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged.headers["etag"] == tag
    changed = await api.anonymous.get(path, headers={"If-None-Match": '"other"'})
    assert changed.status_code == 200


@pytest.mark.parametrize("event_id", ("123456", "0", "9223372036854775808"))
async def test_an_unknown_event_has_no_picture(api: Api, drawn: list[int], event_id: str) -> None:
    response = await api.anonymous.get(f"/events/{event_id}/poster.png")
    assert response.status_code == 404
    assert drawn == []


async def test_many_requests_at_once_draw_a_poster_once(drawn: list[int]) -> None:
    pictures = PosterPictures()
    assert set(await asyncio.gather(*(pictures.png(9) for _ in range(50)))) == {b"picture of 9"}
    assert drawn == [9]


async def test_only_the_last_pictures_are_kept(
    drawn: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poster_pictures, "KEPT", 2)
    pictures = PosterPictures()
    for seed in (1, 2, 1, 3, 1, 2):
        await pictures.png(seed)
    assert drawn == [1, 2, 3, 2]


async def test_a_picture_whose_turn_does_not_come_is_503_and_bookings_go_on(
    database_url: str, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, finish = asyncio.Event(), asyncio.Event()

    async def draw(seed: int) -> bytes:
        begun.set()
        await finish.wait()
        return b"picture of %d" % seed

    monkeypatch.setattr(poster_pictures, "_drawn", draw)
    monkeypatch.setattr(poster_pictures, "WAIT_SECONDS", 0.05)
    one, other = add_event(db, poster_seed=1), add_event(db, poster_seed=2)
    async with in_process(database_url) as client:
        api = Api(client, db)
        first = asyncio.create_task(api.anonymous.get(f"/events/{one}/poster.png"))
        await begun.wait()
        async with asyncio.timeout(10):
            refused = await api.anonymous.get(f"/events/{other}/poster.png")
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) >= 1
        assert (await api.customer().book(one))["quantity"] == 1
        finish.set()
        assert (await first).content == b"picture of 1"


async def test_a_picture_is_not_drawn_in_the_process_that_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(**_: object) -> bytes:
        raise AssertionError("bookings would wait")

    monkeypatch.setattr(resvg_py, "svg_to_bytes", refuse)
    assert (await PosterPictures().png(5)).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("program", "error"),
    (("exit 1", RuntimeError), ("exec sleep 60", BusyError)),
)
async def test_a_drawing_that_fails_or_takes_too_long_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, error: type[Exception]
) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{program}\n")
    python.chmod(0o700)
    pictures = PosterPictures()
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", str(python))
        broken.setattr(poster_pictures, "DRAWING_SECONDS", 0.2)
        with pytest.raises(error):
            await pictures.png(5)
    assert (await pictures.png(5)).startswith(b"\x89PNG")
