"""Which answers are compressed, for which clients, and that unpacking gives the same."""

import gzip
from functools import cache
from pathlib import Path

import pytest
from starlette.applications import Starlette

from app import main
from app.http import pages
from tests.support.application import Api
from tests.support.rows import add_event

SCRIPT = "start();" * 500


@pytest.fixture
def built(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Api:
    """The API with a frontend whose script the build has compressed."""
    (tmp_path / "index.html").write_text(f"<html>{'<p>Loading</p>' * 200}</html>")
    script = tmp_path / "main-PKL3YXH5.js"
    script.write_text(SCRIPT)
    script.with_name(f"{script.name}.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    # Not Brotli, but the server does not look.
    script.with_name(f"{script.name}.br").write_bytes(b"brotli")
    (tmp_path / "favicon.svg").write_text("<svg/>")
    monkeypatch.setattr(pages, "BUILT_FRONTEND", tmp_path)
    monkeypatch.setattr(pages, "index", cache(pages.index.__wrapped__))
    starlette = main.app.app
    assert isinstance(starlette, Starlette)
    monkeypatch.setattr(starlette.router, "default", pages.Frontend())
    return api


@pytest.mark.parametrize(
    ("accepted", "coding", "size"),
    (
        ("gzip, deflate, br", "br", 6),
        ("br;q=1.0, gzip;q=0.5", "br", 6),
        ("GZIP", "gzip", len(gzip.compress(SCRIPT.encode()))),
        ("br;q=0, gzip", "gzip", len(gzip.compress(SCRIPT.encode()))),
        ("br; q=0.000, gzip;q=0", None, len(SCRIPT)),
        ("identity", None, len(SCRIPT)),
        ("", None, len(SCRIPT)),
    ),
)
async def test_a_script_comes_in_the_smallest_form_that_is_accepted(
    built: Api, accepted: str, coding: str | None, size: int
) -> None:
    response = await built.anonymous.send(
        "HEAD", "/main-PKL3YXH5.js", headers={"Accept-Encoding": accepted}
    )
    assert response.headers.get("content-encoding") == coding
    assert response.headers["content-length"] == str(size)
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["cache-control"].endswith("immutable")


async def test_each_form_of_a_file_has_an_etag_of_its_own(built: Api) -> None:
    tags = set()
    for accepted in ("br", "gzip", "identity"):
        headers = {"Accept-Encoding": accepted}
        response = await built.anonymous.send("HEAD", "/main-PKL3YXH5.js", headers=headers)
        headers["If-None-Match"] = response.headers["etag"]
        assert (
            await built.anonymous.send("HEAD", "/main-PKL3YXH5.js", headers=headers)
        ).status_code == 304
        tags.add(response.headers["etag"])
    assert len(tags) == 3


async def test_pages_and_public_lists_are_the_same_when_unpacked(built: Api) -> None:
    for number in range(5):
        add_event(built.db, title=f"Event {number}", description="Words. " * 100)
    for path in ("/events/7", "/api/events"):
        plain = await built.anonymous.get(path, headers={"Accept-Encoding": "identity"})
        packed = await built.anonymous.get(path, headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in plain.headers, path
        assert packed.headers["content-encoding"] == "gzip", path
        assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding", path
        assert int(packed.headers["content-length"]) < len(plain.content) / 2, path
    assert packed.json() == plain.json()


async def test_small_answers_and_answers_with_secrets_are_not_compressed(api: Api) -> None:
    accept = {"Accept-Encoding": "gzip, br"}
    ana = api.customer()
    bookings = f"/api/bookings/user/{ana.person.id}"
    event = add_event(api.db, capacity=200, max_tickets_per_booking=100)
    await ana.book(event, 50)
    for caller, path in (
        (api.anonymous, "/api/config"),
        (ana, bookings),
        (api.admin(), "/api/users"),
    ):
        response = await caller.get(path, headers=accept)
        assert response.status_code == 200
        assert "content-encoding" not in response.headers, path
