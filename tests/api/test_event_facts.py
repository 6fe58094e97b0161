"""What an event says beyond title, venue, time and price: how it is paid, for one."""

import psycopg
import pytest

from app.settings import Settings
from tests.support.application import Api, in_process
from tests.support.bodies import edited_event, new_event
from tests.support.rows import in_days

AT_THE_DOOR = "Pay at the door, in cash or by card."
BY_TRANSFER = "Pay by bank transfer within a week."


async def test_an_event_says_how_it_is_paid(database_url: str, db: psycopg.Connection) -> None:
    async with in_process(database_url, PAYMENT_NOTE=AT_THE_DOOR) as client:
        api = Api(client, db)
        admin, ana = api.admin(), api.customer()
        assert (await ana.read("/api/config"))["payment_note"] == AT_THE_DOOR
        event = (await admin.post("/api/events", new_event())).json()
        assert (event["payment_note"], event["how_to_pay"]) == (None, AT_THE_DOOR)
        booking = await ana.book(event["id"])
        assert booking["event"]["how_to_pay"] == AT_THE_DOOR

        path = f"/api/events/{event['id']}"
        own = (await admin.put(path, edited_event(event, payment_note=BY_TRANSFER))).json()
        assert (own["payment_note"], own["how_to_pay"]) == (BY_TRANSFER, BY_TRANSFER)
        shown = await ana.read(f"/api/bookings/{booking['id']}")
        assert shown["event"]["how_to_pay"] == BY_TRANSFER
        code = booking["tickets"][0]["ticket_code"]
        admission = (await admin.post(f"/api/tickets/{code}/check-in", {})).json()
        assert admission["event"]["how_to_pay"] == BY_TRANSFER
        assert admission["booking"]["total_amount"] == booking["total_amount"]
        shown = await ana.read(f"/api/bookings/{booking['id']}")
        (listed,) = (await ana.read(f"/api/bookings/user/{ana.id}"))["items"]
        assert listed["event"] == shown["event"]
        admins = await admin.read(f"/api/admin/events/{event['id']}")
        assert admins["how_to_pay"] == BY_TRANSFER
        # A client of an earlier release does not know the field.
        body = edited_event(own, title="Ballet")
        del body["payment_note"]
        assert (await admin.put(path, body)).json()["payment_note"] == BY_TRANSFER


async def test_nothing_is_said_about_paying_what_is_free(
    database_url: str, db: psycopg.Connection
) -> None:
    async with in_process(database_url, PAYMENT_NOTE=AT_THE_DOOR) as client:
        api = Api(client, db)
        created = await api.admin().post("/api/events", new_event(price="0.00"))
        assert created.json()["how_to_pay"] is None
        booking = await api.customer().book(created.json()["id"])
        assert booking["event"]["how_to_pay"] is None


async def test_without_a_note_nothing_is_said(api: Api) -> None:
    assert (await api.anonymous.read("/api/config"))["payment_note"] is None
    event = (await api.admin().post("/api/events", new_event())).json()
    assert (event["payment_note"], event["how_to_pay"]) == (None, None)
    assert (await api.customer().book(event["id"]))["event"]["how_to_pay"] is None


async def test_a_cancelled_event_says_why(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    event = (await admin.post("/api/events", new_event())).json()
    booking = await ana.book(event["id"])
    path, reason = f"/api/events/{event['id']}", "The singer is ill."
    early = await admin.put(path, edited_event(event, cancellation_reason=reason))
    assert early.status_code == 422
    assert early.json()["errors"][0]["pointer"] == "/cancellation_reason"

    edit = edited_event(event, status="cancelled", cancellation_reason=reason)
    cancelled = (await admin.put(path, edit)).json()
    assert cancelled["cancellation_reason"] == reason
    assert (await ana.read(path))["cancellation_reason"] == reason
    shown = await ana.read(f"/api/bookings/{booking['id']}")
    assert shown["event"]["cancellation_reason"] == reason
    again = await admin.put(path, edited_event(cancelled))
    assert again.json() == cancelled
    another = await admin.put(path, edited_event(cancelled, cancellation_reason="Rain."))
    assert another.json()["type"] == "/problems/event-status-final"
    (entry, *_) = (await admin.read(f"/api/admin/activity?event_id={event['id']}"))["items"]
    assert entry["detail"]["became"]["cancellation_reason"] == reason


async def test_a_booking_tells_whether_it_was_cancelled_before_its_event(api: Api) -> None:
    admin, ana, ben = api.admin(), api.customer(), api.customer()
    event = (await admin.post("/api/events", new_event())).json()
    early, late = await ana.book(event["id"]), await ben.book(event["id"])
    given_back = await ana.put(f"/api/bookings/{early['id']}", {"status": "cancelled"})
    assert given_back.json()["cancelled_before_event"] is False
    edit = edited_event(event, status="cancelled", cancellation_reason="The singer is ill.")
    assert (await admin.put(f"/api/events/{event['id']}", edit)).status_code == 200
    first = await ana.read(f"/api/bookings/{early['id']}")
    second = await ben.read(f"/api/bookings/{late['id']}")
    assert (first["status"], first["cancelled_before_event"]) == ("cancelled", True)
    assert (second["status"], second["cancelled_before_event"]) == ("cancelled", False)


async def test_a_booking_tells_what_changed_since(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    event = (await admin.post("/api/events", new_event(venue="Muschelsaal"))).json()
    booking = await ana.book(event["id"])
    assert booking["changes"] == []
    edit = edited_event(event, venue="Ersatzhalle", date_time=in_days(31).isoformat())
    edited = (await admin.put(f"/api/events/{event['id']}", edit)).json()
    shown = await ana.read(f"/api/bookings/{booking['id']}")
    assert shown["changes"] == [
        {"field": "date_time", "was": event["date_time"], "became": edited["date_time"]},
        {"field": "venue", "was": "Muschelsaal", "became": "Ersatzhalle"},
    ]
    for scope in ("all", "upcoming"):
        (listed,) = (await ana.read(f"/api/bookings/user/{ana.id}?scope={scope}"))["items"]
        assert listed == shown


FACTS = {
    "end_time": "23:30",
    "address": "Große Elbstraße 9, Hamburg",
    "minimum_age": 16,
    "access_note": "Step-free, with an accessible toilet.",
    "organiser_contact": "Ana Sommer, ana@example.org",
}


async def test_facts_are_shown_kept_and_taken_back(api: Api) -> None:
    admin = api.admin()
    event = (await admin.post("/api/events", new_event(**FACTS))).json()
    booking = await api.customer().book(event["id"])
    for shown in (event, booking["event"]):
        assert {name: shown[name] for name in FACTS} == FACTS
    path = f"/api/events/{event['id']}"
    # A client of an earlier release does not know them.
    body = {k: v for k, v in edited_event(event, title="Ballet").items() if k not in FACTS}
    kept = (await admin.put(path, body)).json()
    assert {name: kept[name] for name in FACTS} == FACTS
    nothing = dict.fromkeys(FACTS)
    taken_back = (await admin.put(path, edited_event(kept, **nothing))).json()
    assert {name: taken_back[name] for name in FACTS} == nothing
    assert taken_back["ends_at"] is None


@pytest.mark.parametrize(
    ("start", "end_time", "ends_at"),
    (
        ("2098-06-01T20:00", "22:30", "2098-06-01T20:30:00Z"),
        ("2098-06-01T20:00", "01:00", "2098-06-01T23:00:00Z"),
        ("2098-06-01T20:00", "20:00", "2098-06-02T18:00:00Z"),
        # The clocks in Berlin are put forward and back that night.
        ("2098-03-29T20:00", "02:30", "2098-03-30T01:30:00Z"),
        ("2098-03-30T01:00", "02:30", "2098-03-30T01:30:00Z"),
        ("2098-10-26T00:30Z", "02:30", "2098-10-26T01:30:00Z"),
        ("2098-10-26T01:15Z", "02:30", "2098-10-26T01:30:00Z"),
    ),
)
async def test_an_event_ends_at_the_first_such_time(
    api: Api, start: str, end_time: str, ends_at: str
) -> None:
    written = start.replace("Z", "") + ":00" + ("Z" if start.endswith("Z") else "")
    event = new_event(date_time=written, end_time=end_time)
    created = (await api.admin().post("/api/events", event)).json()
    assert created["ends_at"] == ends_at


LINKS = ("imprint_url", "privacy_url", "terms_url")


async def test_the_installation_names_its_pages(
    database_url: str, db: psycopg.Connection, api: Api
) -> None:
    config = await api.anonymous.read("/api/config")
    assert [config[name] for name in LINKS] == [None, None, None]
    site = "https://tickets.example"
    async with in_process(
        database_url,
        IMPRINT_URL=f"{site}/imprint",
        PRIVACY_URL=f"{site}/privacy",
        TERMS_URL=f"{site}/terms?lang=en",
    ) as client:
        config = await Api(client, db).anonymous.read("/api/config")
    assert [config[name] for name in LINKS] == [
        *(f"{site}/imprint", f"{site}/privacy", f"{site}/terms?lang=en")
    ]


@pytest.mark.parametrize("url", ("imprint", "/imprint", "javascript:alert(1)", "https://", "//[x"))
def test_a_link_must_be_the_address_of_a_page(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/marquee")
    monkeypatch.setenv("IMPRINT_URL", url)
    with pytest.raises(SystemExit, match="IMPRINT_URL: It must be the address of a page"):
        Settings.load()


@pytest.mark.parametrize(("written", "read"), (("", None), ("  ", None), (" At  it ", "At  it")))
def test_an_empty_payment_note_is_none(
    monkeypatch: pytest.MonkeyPatch, written: str, read: str | None
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/marquee")
    monkeypatch.setenv("PAYMENT_NOTE", written)
    assert Settings.load().payment_note == read


async def test_a_poster_is_drawn_from_a_seed_that_a_corrected_title_keeps(api: Api) -> None:
    admin = api.admin()
    event = (await admin.post("/api/events", new_event(title="Macbeht"))).json()
    seed, path = event["poster_seed"], f"/api/events/{event['id']}"
    booking = await api.customer().book(event["id"])
    assert booking["event"]["poster_seed"] == seed
    # A client of an earlier release does not know the field, and one may send null for it.
    body = edited_event(event, title="Macbeth")
    del body["poster_seed"]
    corrected = (await admin.put(path, body)).json()
    assert corrected["poster_seed"] == seed
    kept = (await admin.put(path, edited_event(corrected, poster_seed=None))).json()
    assert kept == corrected

    drawn = (await admin.put(path, edited_event(kept, poster_seed=-7))).json()
    assert (drawn["poster_seed"], drawn["version"]) == (-7, kept["version"] + 1)
    (listed,) = (await api.anonymous.read("/api/events"))["items"]
    assert listed["poster_seed"] == -7


async def test_a_new_event_has_the_poster_that_its_form_showed(api: Api) -> None:
    admin = api.admin()
    for seed in (-(2**31), 2**31 - 1):
        created = await admin.post("/api/events", new_event(poster_seed=seed))
        assert created.json()["poster_seed"] == seed
    # Repeating a request makes no second event, although the seed is chosen by chance.
    body, headers = new_event(), {"Idempotency-Key": "once"}
    first = await admin.post("/api/events", body, headers=headers)
    again = await admin.post("/api/events", body, headers=headers)
    assert (first.status_code, again.json()) == (201, first.json())
