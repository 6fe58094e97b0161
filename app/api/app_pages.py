"""The app's pages as the server sends them: what can be read before the app runs, or without it.

Browsers paint it while the app loads. Search engines and programs that preview a link read the
head: a title, a description, Open Graph (https://ogp.me) and, for an event, JSON-LD
(https://schema.org/Event). The app replaces all of it when it starts.
"""

import hashlib
from contextlib import suppress
from html import escape

import asyncpg
import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.api.shapes import Event, event_from
from app.data.errors import UnavailableError
from app.http.fields import MAX_ID
from app.http.hosts import origin_of
from app.http.inputs import has_tag
from app.http.money import amount_text
from app.http.pages import AppPage, app_page
from app.http.services import Services, services_of
from app.poster import HEIGHT, WIDTH, poster_of, svg_of
from app.time_zones import local_time

PROGRAMME = "What\u2019s on"
LISTED = 20
# The largest sitemap that https://www.sitemaps.org/protocol.html allows.
IN_SITEMAP = 50_000
DESCRIPTION_LENGTH = 200
# A day: programs that preview links keep pictures that long, and longer.
PICTURE_SECONDS = 86_400
AVAILABILITY = {True: "https://schema.org/InStock", False: "https://schema.org/SoldOut"}
STATUS = {
    "active": "https://schema.org/EventScheduled",
    "completed": "https://schema.org/EventScheduled",
    "cancelled": "https://schema.org/EventCancelled",
}


async def events_page(request: Request) -> Response:
    """Answer with the public list; a search is left to the app."""
    events = [] if request.query_params else await _coming_events(services_of(request))
    page = AppPage(
        head=_head(request, PROGRAMME, "Find an event, book tickets, walk in with a code."),
        content=f"<h1>{PROGRAMME}</h1>{_by_month(events)}",
    )
    return app_page(request.scope, page)


async def event_page(request: Request) -> Response:
    """Answer with the page of one event, and with 404 where there is none."""
    event_id = request.path_params["id"]
    try:
        event = await _event(services_of(request), event_id)
    except (UnavailableError, asyncpg.PostgresError):
        # The Angular app asks for the event itself, and shows the error if that fails too.
        return app_page(request.scope, AppPage())
    if event is None:
        return app_page(request.scope, AppPage(), status=404)
    description = event.description or f"{_when(event)}, {event.venue}"
    summary = " ".join(description.split())[:DESCRIPTION_LENGTH]
    facts = f"{_when(event)}, {event.venue}"
    page = AppPage(
        head=_head(request, event.title, summary, _picture_of(request, event))
        + _structured_data(request, event),
        content=f"<h1>{escape(event.title)}</h1><p>{escape(facts)}</p><p>{escape(summary)}</p>",
    )
    return app_page(request.scope, page)


async def poster_picture(request: Request) -> Response:
    """Answer with an event's poster as a PNG, for programs that preview a link to it."""
    services = services_of(request)
    event = await _event(services, request.path_params["id"])
    if event is None:
        raise HTTPException(404)
    drawing = svg_of(poster_of(event.poster_seed))
    tag = f'"{hashlib.sha256(drawing.encode()).hexdigest()[:16]}"'
    headers = {"Cache-Control": f"public, max-age={PICTURE_SECONDS}", "ETag": tag}
    if has_tag(request.headers.get("If-None-Match"), tag):
        return Response(status_code=304, headers=headers)
    picture = await services.poster_pictures.png(event.poster_seed)
    return Response(picture, headers=headers, media_type="image/png")


async def robots(request: Request) -> Response:
    """Say which pages search engines may read: those of the programme."""
    return PlainTextResponse(
        "User-agent: *\n"
        "Disallow: /admin\nDisallow: /api\nDisallow: /bookings\nDisallow: /notices\n"
        f"\nSitemap: {_origin(request)}/sitemap.xml\n"
    )


async def sitemap(request: Request) -> Response:
    """List the pages of the coming events."""
    rows = await services_of(request).database.rows("list_sitemap", limit=IN_SITEMAP)
    pages = "".join(
        f"<url><loc>{escape(_origin(request))}/events/{row['event_id']}</loc>"
        f"<lastmod>{row['updated_at'].isoformat()}</lastmod></url>"
        for row in rows
    )
    return Response(
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{pages}</urlset>',
        media_type="application/xml; charset=utf-8",
    )


async def _coming_events(services: Services) -> list[Event]:
    nothing_after = {"after_date_time": None, "after_event_id": None}
    bounds = dict.fromkeys(("from_time", "from_day", "to_time", "to_day"))

    async def read() -> list[Event]:
        rows = await services.database.rows("list_events", **bounds, **nothing_after, limit=LISTED)
        return [event_from(row, services.settings) for row in rows]

    with suppress(UnavailableError, asyncpg.PostgresError):
        return await services.reads.read("events_page", read)
    return []


async def _event(services: Services, event_id: int) -> Event | None:
    if event_id > MAX_ID:
        return None

    async def read() -> Event | None:
        row = await services.database.row("get_published_event", event_id=event_id)
        return None if row is None else event_from(row, services.settings)

    return await services.reads.read(("event_page", event_id), read)


def _by_month(events: list[Event]) -> str:
    """Return the list, with a heading for each month where it spans months, as the app does."""
    months: dict[str, str] = {}
    for event in events:
        month = local_time(event.date_time, event.time_zone).strftime("%B %Y")
        item = (
            f'<li><a href="/events/{event.id}">{escape(event.title)}</a>'
            f"<p>{escape(_when(event))}, {escape(event.venue)}</p></li>"
        )
        months[month] = months.get(month, "") + item
    if len(months) < 2:
        return f"<ul>{''.join(months.values())}</ul>"
    return "".join(f"<h2>{month}</h2><ul>{items}</ul>" for month, items in months.items())


def _when(event: Event) -> str:
    return local_time(event.date_time, event.time_zone).strftime("%A %-d %B %Y, %H:%M")


def _origin(request: Request) -> str:
    return origin_of(request, services_of(request).settings)


def _picture_address(request: Request, event: Event) -> str:
    # Another poster has another address, because programs keep a picture by its address.
    return f"{_origin(request)}/events/{event.id}/poster.png?seed={event.poster_seed}"


def _picture_of(request: Request, event: Event) -> dict[str, str]:
    return {
        "og:image": _picture_address(request, event),
        "og:image:type": "image/png",
        "og:image:width": str(WIDTH),
        "og:image:height": str(HEIGHT),
        "og:image:alt": f"The poster of {event.title}: flat coloured shapes, without words",
    }


def _head(
    request: Request, title: str, description: str, picture: dict[str, str] | None = None
) -> str:
    address = f"{_origin(request)}{request.url.path}"
    properties = {
        "og:site_name": "Marquee",
        "og:type": "website",
        "og:title": title,
        "og:description": description,
        "og:url": address,
    } | (picture or {})
    return (
        f"<title>{escape(title)} · Marquee</title>"
        f'<meta name="description" content="{escape(description)}">'
        f'<link rel="canonical" href="{escape(address)}">'
        + "".join(
            f'<meta property="{name}" content="{escape(content)}">'
            for name, content in properties.items()
        )
        # Without it, X shows the picture as a small square.
        + ('<meta name="twitter:card" content="summary_large_image">' if picture else "")
    )


def _structured_data(request: Request, event: Event) -> str:
    address = f"{_origin(request)}/events/{event.id}"
    data = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": event.title,
        "description": event.description,
        "startDate": local_time(event.date_time, event.time_zone).isoformat(),
        "eventStatus": STATUS[event.status],
        "location": {"@type": "Place", "name": event.venue, "address": event.venue},
        "image": _picture_address(request, event),
        "url": address,
        "offers": {
            "@type": "Offer",
            "url": address,
            "price": amount_text(event.price),
            "priceCurrency": event.currency,
            "availability": AVAILABILITY[event.tickets_available > 0],
            **_sale_times(event),
        },
    }
    # "<" cannot end the script early when it is written as an escape.
    written = orjson.dumps(data).decode().replace("<", "\\u003c")
    return f'<script type="application/ld+json">{written}</script>'


def _sale_times(event: Event) -> dict[str, str]:
    times = {"validFrom": event.sale_starts_at, "validThrough": event.sale_ends_at}
    return {
        name: local_time(time, event.time_zone).isoformat()
        for name, time in times.items()
        if time is not None
    }


ROUTES = [
    Route("/", events_page),
    Route("/events/{id:int}", event_page),
    Route("/events/{id:int}/poster.png", poster_picture),
    Route("/robots.txt", robots),
    Route("/sitemap.xml", sitemap),
]
