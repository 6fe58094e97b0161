"""Categories: which there are, and the list of one."""

from typing import Any, get_args

from app.api.admin_events import Sort
from tests.support.application import Api
from tests.support.bodies import edited_event, new_event
from tests.support.rows import add_event


async def titles(api: Api, query: str) -> list[str]:
    """Return the titles of a list."""
    answer = await api.anonymous.get(f"/api/events?{query}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return [event["title"] for event in items]


async def test_the_list_of_a_category_has_its_events_only(api: Api) -> None:
    add_event(api.db, title="Late Set", category="Concert")
    add_event(api.db, title="Early Set", category="CONC\u00c9RT")
    add_event(api.db, title="Four Comedians", category="Comedy")
    add_event(api.db, title="A Riddle")

    assert sorted(await titles(api, "category=concert")) == ["Early Set", "Late Set"]
    assert await titles(api, "category=none") == []
    assert len(await titles(api, "")) == len(await titles(api, "category=%20")) == 4


async def test_a_category_narrows_a_search_dates_and_later_pages(api: Api) -> None:
    for number in range(3):
        add_event(api.db, title=f"Set {number}", category="Concert")
    add_event(api.db, title="Set and Match", category="Film")

    assert sorted(await titles(api, "category=Concert&search=set")) == ["Set 0", "Set 1", "Set 2"]
    # The second stage, which corrects typing errors, keeps to the category as well.
    assert await titles(api, "category=Film&search=mtach") == ["Set and Match"]
    assert await titles(api, "category=Concert&search=mtach") == []
    assert await titles(api, "category=Concert&to=2020-01-01") == []
    first = (await api.anonymous.get("/api/events?category=Concert&limit=2")).json()
    rest = await titles(api, f"category=Concert&cursor={first['next_cursor']}")
    seen = [event["title"] for event in first["items"]] + rest
    assert sorted(seen) == ["Set 0", "Set 1", "Set 2"]


async def test_admins_find_a_category_among_events_of_any_status(api: Api) -> None:
    add_event(api.db, title="Planned", category="Concert", status="draft")
    add_event(api.db, title="Shown", category="Film")

    found = (await api.admin().get("/api/events?status=all&category=concert")).json()["items"]

    assert [event["title"] for event in found] == ["Planned"]


async def test_a_category_narrows_the_statistics_in_every_order(api: Api) -> None:
    add_event(api.db, title="Planned", category="Concert", status="draft")
    add_event(api.db, title="Sung", category="CONCERT")
    add_event(api.db, title="Shown", category="Film")
    add_event(api.db, title="Said")
    admin = api.admin()

    for sort in get_args(Sort):
        for order in ("asc", "desc"):
            path = f"/api/admin/events?category=concert&sort={sort}&order={order}&limit=1"
            first = (await admin.get(path)).json()
            later = (await admin.get(f"{path}&cursor={first['next_cursor']}")).json()
            found = [event["title"] for event in first["items"] + later["items"]]
            assert sorted(found) == ["Planned", "Sung"], (sort, order)
            assert first["totals"]["events"] == 2


async def test_the_categories_are_those_of_coming_events(api: Api) -> None:
    for category in ("Film", "comedy", "Comedy", None):
        add_event(api.db, category=category)
    add_event(api.db, category="Secret", status="draft")

    found = (await api.anonymous.get("/api/categories")).json()["items"]

    assert [category.lower() for category in found] == ["comedy", "film"]


async def test_a_category_is_kept_by_clients_that_do_not_know_it(api: Api) -> None:
    admin = api.admin()
    event = (await admin.post("/api/events", new_event(category="Concert"))).json()
    path = f"/api/events/{event['id']}"
    body = edited_event(event, title="Corrected")
    body.pop("category", None)

    assert (await admin.put(path, body)).json()["category"] == "Concert"
    taken = await admin.put(path, edited_event(event, category=None))
    assert taken.json()["category"] is None
