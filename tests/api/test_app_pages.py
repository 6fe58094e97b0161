"""What the server puts into the app's pages for link previews, search engines and first paint."""

import re
from html import unescape
from typing import Any

import asyncpg
import orjson
import pytest

from app.data.database import Database
from app.data.errors import BusyError
from tests.support.application import Api
from tests.support.rows import add_event

HOSTILE = "</script><script>alert(1)</script> & \"Friends'"


def properties(html: str) -> dict[str, str]:
    """Return what the head says for previews, by name."""
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', html)
    return {name: unescape(content) for name, content in found}


def structured_data(html: str) -> dict[str, Any]:
    (written,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    data: dict[str, Any] = orjson.loads(written)
    return data


async def test_an_event_page_tells_previews_and_search_engines_what_it_is_about(
    built: Api,
) -> None:
    event = add_event(
        built.db,
        title=HOSTILE,
        description="First line.\n\nSecond <b>line</b>.",
        venue="Hall & Garden",
        date_time="2098-07-10 18:30:00+00",
        time_zone="Europe/Berlin",
        price="12.50",
        capacity=3,
        poster_seed=-7,
    )
    response = await built.anonymous.get(f"/events/{event}")
    assert response.status_code == 200
    html = response.text
    assert "<script>alert" not in html
    assert re.findall("<title>(.*?)</title>", html) == [
        "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;Friends&#x27; · Marquee"
    ]
    picture = f"http://marquee.localhost/events/{event}/poster.png?seed=-7"
    assert properties(html) == {
        "description": "First line. Second <b>line</b>.",
        "og:site_name": "Marquee",
        "og:type": "website",
        "og:title": HOSTILE,
        "og:description": "First line. Second <b>line</b>.",
        "og:url": f"http://marquee.localhost/events/{event}",
        "og:image": picture,
        "og:image:type": "image/png",
        "og:image:width": "1200",
        "og:image:height": "630",
        "og:image:alt": f"The poster of {HOSTILE}: flat coloured shapes, without words",
        "twitter:card": "summary_large_image",
    }
    data = structured_data(html)
    assert (data["@type"], data["name"]) == ("Event", HOSTILE)
    assert data["startDate"] == "2098-07-10T20:30:00+02:00"
    assert data["image"] == picture
    assert data["location"]["name"] == "Hall & Garden"
    assert data["eventStatus"].endswith("EventScheduled")
    assert data["offers"]["price"] == "12.50"
    assert data["offers"]["priceCurrency"] == "EUR"
    assert data["offers"]["availability"].endswith("InStock")
    assert "Thursday 10 July 2098, 20:30, Hall &amp; Garden" in html

    await built.customer().book(event, 3)
    sold_out = structured_data((await built.anonymous.get(f"/events/{event}")).text)
    assert sold_out["offers"]["availability"].endswith("SoldOut")


async def test_an_event_in_a_zone_that_is_unknown_is_told_in_utc(built: Api) -> None:
    event = add_event(built.db, date_time="2098-07-10 18:30:00+00", time_zone="Europe/Berlin")
    built.db.execute("ALTER TABLE events DISABLE TRIGGER USER")
    built.db.execute("UPDATE events SET time_zone = 'Nowhere/Town' WHERE id = %s", [event])
    built.db.commit()
    data = structured_data((await built.anonymous.get(f"/events/{event}")).text)
    assert data["startDate"] == "2098-07-10T18:30:00+00:00"


@pytest.mark.parametrize("event_id", ("123456", "0", "9223372036854775808", "9" * 300))
async def test_an_unknown_event_is_404_with_the_page_of_the_app(built: Api, event_id: str) -> None:
    response = await built.anonymous.get(f"/events/{event_id}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>Marquee</title>" in response.text


async def test_the_first_page_lists_what_is_coming(built: Api) -> None:
    coming = add_event(built.db, title="Jazz <i>Night</i>")
    add_event(built.db, title="Called Off", status="cancelled")
    html = (await built.anonymous.get("/")).text
    assert f'<li><a href="/events/{coming}">Jazz &lt;i&gt;Night&lt;/i&gt;</a>' in html
    assert "Called Off" not in html
    assert properties(html)["og:title"] == "What\u2019s on"
    assert "<li>" not in (await built.anonymous.get("/?search=opera")).text


async def test_the_first_page_has_months_where_events_span_them(built: Api) -> None:
    add_event(built.db, title="One", date_time="2098-12-05 19:00:00+00")
    assert "<h2>" not in (await built.anonymous.get("/")).text
    # It is January in Berlin already.
    add_event(built.db, title="Two", date_time="2098-12-31 23:30:00+00")
    add_event(built.db, title="Three", date_time="2099-01-06 19:00:00+00")
    html = (await built.anonymous.get("/")).text
    found = re.findall(r"<h[12]>(.*?)</h[12]>|<li><a [^>]*>(.*?)</a>", html)
    assert [heading or title for heading, title in found] == [
        "What\u2019s on",
        *("December 2098", "One"),
        *("January 2099", "Two", "Three"),
    ]


@pytest.mark.parametrize("error", (asyncpg.PostgresConnectionError("gone"), None))
async def test_pages_are_served_while_the_database_is_away(
    built: Api, monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise error or BusyError

    monkeypatch.setattr(Database, "rows", broken)
    monkeypatch.setattr(Database, "row", broken)
    for path in ("/", "/events/7"):
        response = await built.anonymous.get(path)
        assert response.status_code == 200
        assert "<mq-root" in response.text


async def test_search_engines_are_told_which_pages_to_read(built: Api) -> None:
    coming = add_event(built.db)
    add_event(built.db, status="cancelled")
    robots = await built.anonymous.get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    assert "Sitemap: http://marquee.localhost/sitemap.xml" in robots.text
    assert {"Disallow: /admin", "Disallow: /bookings", "Disallow: /notices"} <= {
        *robots.text.splitlines()
    }
    sitemap = await built.anonymous.get("/sitemap.xml")
    assert sitemap.headers["content-type"] == "application/xml; charset=utf-8"
    assert re.findall("<loc>(.*?)</loc>", sitemap.text) == [
        f"http://marquee.localhost/events/{coming}"
    ]
