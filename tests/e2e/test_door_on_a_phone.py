"""The door on a phone: its layout, the camera's settings, the network, and names of any script."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, Route, ViewportSize, expect

from app.local import browser as system_browser
from tests.e2e.admin_page_data import ADMIN
from tests.e2e.browser import CHROMIUM_OPTIONS, Visitor, visiting
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient

UPRIGHT: ViewportSize = {"width": 360, "height": 640}
LYING: ViewportSize = {"width": 740, "height": 360}
OVERRIDE = "\N{RIGHT-TO-LEFT OVERRIDE}"
POP_ISOLATE = "\N{POP DIRECTIONAL ISOLATE}"

# Chromium's fake cameras have no light. This one notes how it is switched.
LIGHT = """
window.light = [];
MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
MediaStreamTrack.prototype.applyConstraints = async ({ advanced }) => {
  window.light.push(advanced[0].torch);
};
"""
CAMERA_IN_USE = (
    "document.querySelector('video').srcObject.getVideoTracks()[0].getSettings().deviceId"
)
SCREEN_LOCK = """
window.locks = [];
Object.defineProperty(Navigator.prototype, 'wakeLock', { get: () => ({
  request: async (kind) => {
    window.locks.push(kind);
    return { released: false, release: async () => window.locks.pop() };
  },
}) });
"""


@pytest.fixture
def event(admin: ApiClient) -> dict[str, Any]:
    return admin.new_event(title="Both Hands Full " * 12, venue="Kulturschiff " * 12)


@pytest.fixture(scope="module")
def chromium_with_cameras(browser: Browser) -> Iterator[Browser]:
    """Chromium with two fake cameras that show no code."""
    options = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream=device-count=2",
    ]
    chromium = browser.browser_type.launch(
        executable_path=system_browser.find(), args=[*CHROMIUM_OPTIONS, *options]
    )
    yield chromium
    chromium.close()


@contextmanager
def door_with_cameras(
    chromium: Browser, address: str, event: dict[str, Any], *, script: str = "", **options: Any
) -> Iterator[Page]:
    phone = {"has_touch": True, "is_mobile": True}
    with visiting(chromium, address, permissions=["camera"], **phone | options) as door:
        door.context.add_init_script(script)
        door.sign_in(ADMIN)
        door.open(f"/admin/check-in?event={event['id']}")
        yield door.page


def expect_value(page: Page, expression: str, value: object) -> None:
    """Wait until an expression has this value. The site's policy refuses wait_for_function()."""
    for _ in range(200):
        if (seen := page.evaluate(expression)) == value:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{expression} is {seen}, not {value}")


def box_of(part: Locator) -> FloatRect:
    expect(part).to_be_visible()
    box = part.bounding_box()
    assert box is not None
    return box


def check_in(page: Page, code: str, headline: str) -> None:
    field = page.get_by_label("Ticket code")
    field.fill(code)
    field.press("Enter")
    expect(page.locator("mq-verdict-panel .headline")).to_have_text(headline)


def code_of(booking: dict[str, Any]) -> str:
    code: str = booking["tickets"][0]["ticket_code"]
    return code


@pytest.mark.parametrize("window", (UPRIGHT, LYING), ids=("upright", "lying"))
def test_the_picture_and_the_verdict_over_it_are_in_the_window_together(
    chromium_with_cameras: Browser,
    address: str,
    admin: ApiClient,
    event: dict[str, Any],
    window: ViewportSize,
) -> None:
    guest = admin.new_customer("Wanda Maria Walk-in-Without-Waiting")
    code = code_of(admin.book(event, 5, guest))
    with door_with_cameras(chromium_with_cameras, address, event, viewport=window) as page:
        expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
        expect(page.get_by_role("navigation", name="Admin")).to_be_hidden()
        heading = box_of(page.get_by_role("heading", level=1))
        assert heading["height"] < 60
        page.get_by_role("button", name="Scan with the camera").tap()
        for headline in ("Come in", "Let in just now"):
            check_in(page, code, headline)
            page.evaluate("window.scrollTo(0, 0)")
            picture = box_of(page.locator("video"))
            verdict = box_of(page.locator("mq-verdict-panel .panel"))
            assert picture["y"] + picture["height"] <= window["height"]
            assert verdict["y"] >= picture["y"] + 40
            assert verdict["y"] + verdict["height"] <= picture["y"] + picture["height"]
            assert verdict["x"] >= picture["x"]
        page.get_by_role("link", name="Back to all doors").tap()
        expect(page.get_by_role("heading", level=1, name="Check-in")).to_be_visible()
        expect(page.get_by_role("navigation", name="Main")).to_be_visible()


def test_the_camera_and_its_light_are_chosen_by_keyboard(
    chromium_with_cameras: Browser, address: str, event: dict[str, Any]
) -> None:
    keyboard = {"has_touch": False, "is_mobile": False}
    with door_with_cameras(chromium_with_cameras, address, event, script=LIGHT, **keyboard) as page:
        page.get_by_role("button", name="Scan with the camera").press("Enter")
        light = page.get_by_role("button", name="Light")
        expect(light).to_have_attribute("aria-pressed", "false")
        light.press("Space")
        expect(light).to_have_attribute("aria-pressed", "true")
        light.press("Space")
        expect(light).to_have_attribute("aria-pressed", "false")
        assert page.evaluate("window.light") == [True, False]

        camera = page.get_by_label("Camera", exact=True)
        before, after = camera.locator("option").evaluate_all(
            "(all) => all.map((one) => one.value)"
        )
        expect(camera).to_have_value(before)
        camera.focus()
        page.keyboard.press("ArrowDown")
        expect_value(page, CAMERA_IN_USE, after)
        expect(camera).to_be_focused()
        page.reload()
        page.get_by_role("button", name="Scan with the camera").press("Enter")
        expect(camera).to_have_value(after)
        page.get_by_role("button", name="Stop the camera").press("Enter")
        expect(camera).to_have_count(0)
        expect(light).to_have_count(0)


def test_a_camera_without_a_light_offers_none(
    chromium_with_cameras: Browser, address: str, event: dict[str, Any]
) -> None:
    with door_with_cameras(chromium_with_cameras, address, event) as page:
        page.get_by_role("button", name="Scan with the camera").tap()
        expect(page.get_by_label("Camera", exact=True)).to_be_visible()
        expect(page.get_by_role("button", name="Light")).to_have_count(0)


@pytest.fixture
def door(visit: OpenVisitor, event: dict[str, Any]) -> Visitor:
    """An admin with a phone at the door of the event."""
    visitor = visit(viewport=UPRIGHT, has_touch=True, is_mobile=True)
    visitor.context.add_init_script(SCREEN_LOCK)
    visitor.sign_in(ADMIN)
    visitor.open(f"/admin/check-in?event={event['id']}")
    return visitor


def test_the_screen_stays_on_at_the_door_only(door: Visitor) -> None:
    expect_value(door.page, "window.locks", ["screen"])
    door.page.get_by_role("link", name="Back to all doors").tap()
    expect(door.page.get_by_role("heading", level=1, name="Check-in")).to_be_visible()
    expect_value(door.page, "window.locks", [])


def test_a_lost_network_is_shown_before_anybody_scans(door: Visitor) -> None:
    banner = door.page.get_by_role("alert").filter(has_text="No connection")
    expect(banner).to_have_count(0)
    door.context.set_offline(True)
    expect(banner).to_contain_text("Nobody can be checked in")
    door.context.set_offline(False)
    expect(banner).to_have_count(0)


def test_a_server_that_does_not_answer_is_shown_until_it_does(
    door: Visitor, admin: ApiClient, customer: Account, event: dict[str, Any]
) -> None:
    code = code_of(admin.book(event, 1, customer))
    banner = door.page.get_by_role("alert").filter(has_text="No connection")
    door.page.route("**/api/**", lambda route: route.abort("connectionrefused"))
    check_in(door.page, code, "No answer")
    expect(banner).to_be_visible()
    door.page.unroute("**/api/**")
    check_in(door.page, code, "Come in")
    expect(banner).to_have_count(0)


def test_a_reload_keeps_the_history_and_shows_no_old_verdict(
    door: Visitor, admin: ApiClient, customer: Account, event: dict[str, Any]
) -> None:
    page = door.page
    code = code_of(admin.book(event, 1, customer))
    check_in(page, code, "Come in")
    check_in(page, "7FDY9", "Not a ticket code")
    page.reload()
    expect(page.locator("mq-verdict-panel .headline")).to_have_text("Ready")
    scans = page.get_by_role("region", name="Earlier scans").get_by_role("listitem")
    expect(scans).to_have_text([re.compile("Not a ticket code"), re.compile("Come in")])
    check_in(page, code, "Let in just now")
    reason = page.locator("mq-verdict-panel .reason")
    expect(reason).to_contain_text(re.compile(rf"^{customer.name}, booking No\. \d+\. This door"))


def test_a_name_cannot_turn_the_words_around_it(
    door: Visitor, admin: ApiClient, customer: Account, event: dict[str, Any]
) -> None:
    """Where a name ends, our words go on to the right of it.

    The API refuses such names, so the answer is changed on its way.
    """

    def rename(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        body["booking"]["customer_name"] = f"Mallory{POP_ISOLATE}{OVERRIDE}"
        route.fulfill(response=answer, json=body)

    door.page.route("**/api/tickets/**", rename)
    code = code_of(admin.book(event, 2, customer))
    check_in(door.page, code, "Come in")
    expect(door.page.locator("mq-verdict-panel .reason")).to_have_text("Mallory, one of 2 tickets")


def test_a_title_from_right_to_left_leaves_our_words_where_they_are(
    visitor: Visitor, admin: ApiClient
) -> None:
    hebrew = "\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET}"
    event = admin.new_event(title=f"{hebrew}.", venue=f"{hebrew} 21")
    visitor.open("/?search=" + hebrew)
    card = visitor.page.locator("mq-event-card").filter(has_text=hebrew).first
    # The venue's number belongs to the venue, and stands left of its word, before our comma.
    number, comma, word = (
        card.locator(".venue").evaluate(
            """(line, text) => {
                const range = document.createRange();
                const all = line.firstChild;
                const at = all.data.indexOf(text);
                range.setStart(all, at);
                range.setEnd(all, at + text.length);
                return range.getBoundingClientRect().left;
            }""",
            text,
        )
        for text in ("21", ", ", hebrew)
    )
    assert number < word < comma
    assert event["title"] == f"{hebrew}."
