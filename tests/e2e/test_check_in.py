"""Check-in by keyboard, by scanner and by camera."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from app.local import browser as system_browser
from app.local.postgres import Cluster
from tests.e2e.admin_page_data import ADMIN
from tests.e2e.browser import CHROMIUM_OPTIONS, Visitor, visiting
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient
from tests.support.mistyped_codes import mistyped

TWENTY_MORE_FRAMES = """() => new Promise((resolve) => {
    const video = document.querySelector("video");
    let frames = 0;
    const count = () => (++frames < 20 ? video.requestVideoFrameCallback(count) : resolve());
    video.requestVideoFrameCallback(count);
})"""


@pytest.fixture
def event(admin: ApiClient) -> dict[str, Any]:
    return admin.new_event(title="Doors at Seven", capacity=60)


def codes_of(booking: dict[str, Any]) -> list[str]:
    return [ticket["ticket_code"] for ticket in booking["tickets"]]


def scan(page: Page, code: str) -> None:
    """Type a code and press Enter without setting the focus, as a scanner does."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def check_in_at_another_door(admin: ApiClient, code: str) -> None:
    admin.send("POST", f"/tickets/{code}/check-in", {})


def expect_verdict(page: Page, headline: str, reason: str | re.Pattern[str]) -> None:
    panel = page.locator("mq-verdict-panel")
    expect(panel.locator(".headline")).to_have_text(headline)
    expect(panel.locator(".reason")).to_have_text(reason)


def test_the_keyboard_reaches_the_button_before_the_camera(
    admin_visitor: Visitor, event: dict[str, Any]
) -> None:
    page = admin_visitor.page
    admin_visitor.open(f"/admin/check-in?event={event['id']}")
    page.get_by_label("Ticket code").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Check in", exact=True)).to_be_focused()


def test_each_result_of_a_scan_has_its_own_text(
    admin_visitor: Visitor,
    admin: ApiClient,
    customer: Account,
    cluster: Cluster,
    event: dict[str, Any],
) -> None:
    page = admin_visitor.page
    booking = admin.book(event, 3, customer)
    tickets = codes_of(booking)
    elsewhere = admin.new_event(title="Another Evening")
    for_elsewhere = codes_of(admin.book(elsewhere, 1, customer))[0]
    given_back = admin.book(event, 1, admin.new_customer())
    admin.send("PUT", f"/bookings/{given_back['id']}", {"status": "cancelled"})
    unknown = cluster.psql("SELECT new_ticket_code(1)", "e2e").strip()

    admin_visitor.open("/admin/check-in")
    page.get_by_label("Find the event").fill("doors at sev")
    page.locator(f"a[href$='event={event['id']}']").click()
    expect(page.get_by_label("Ticket code")).to_be_focused()
    expect(page.get_by_text("0 of 3 in")).to_be_visible()

    scan(page, tickets[0])
    expect_verdict(page, "Come in", f"{customer.name}, one of 3 tickets")
    expect(page.locator("mq-verdict-panel .panel")).to_have_class("panel admit")
    expect(page.get_by_text("1 of 3 in")).to_be_visible()

    scan(page, tickets[0])
    whose = rf"^{customer.name}, booking No\. {booking['id']}\. "
    let_in = re.compile(whose + r"This door let the holder in \d+ seconds? ago\.")
    expect_verdict(page, "Let in just now", let_in)
    expect(page.locator("mq-verdict-panel .panel")).to_have_class("panel again")

    check_in_at_another_door(admin, tickets[2])
    scan(page, tickets[2])
    first_use = re.compile(whose + r"First used at \d\d:\d\d:\d\d, \d+ seconds? ago\.")
    expect_verdict(page, "Already used", first_use)
    expect(page.locator("mq-verdict-panel .panel")).to_have_class("panel refuse")

    scan(page, codes_of(given_back)[0])
    expect_verdict(page, "Cancelled", "This ticket was cancelled and admits nobody.")
    scan(page, unknown)
    expect_verdict(page, "Unknown code", "It is well formed, but no ticket has this code.")
    scan(page, for_elsewhere)
    expect_verdict(page, "Wrong event", "This ticket is for Another Evening.")
    scan(page, cluster.psql(mistyped(tickets[1]).decode(), "e2e").strip())
    expect_verdict(page, "Mistyped", re.compile("A letter or digit of it is wrong"))
    scan(page, tickets[1][:-2])
    expect_verdict(page, "Not a ticket code", re.compile("this has 20"))
    scan(page, "https://example.com/menu")
    expect_verdict(page, "Not a ticket code", re.compile("some other code"))

    scan(page, tickets[1].lower().replace("-", " "))
    expect_verdict(page, "Come in", f"{customer.name}, one of 3 tickets")
    expect(page.get_by_text("3 of 3 in")).to_be_visible()
    assert admin.get(f"/tickets/{for_elsewhere}")["ticket"]["status"] == "active"


def test_thirty_codes_are_entered_by_keyboard(
    admin_visitor: Visitor, admin: ApiClient, event: dict[str, Any]
) -> None:
    page = admin_visitor.page
    codes = [
        code for _ in range(3) for code in codes_of(admin.book(event, 10, _new_customer(admin)))
    ]
    admin_visitor.open(f"/admin/check-in?event={event['id']}")
    for code in codes[:5]:
        scan(page, code)
        expect(page.get_by_label("Ticket code")).to_be_focused()
        expect(page.locator("mq-verdict-panel")).to_contain_text(code)
    # Codes are entered without waiting for answers.
    for code in codes[5:]:
        scan(page, code)
    expect(page.get_by_text("30 of 30 in")).to_be_visible()
    expect_verdict(page, "Come in", re.compile("one of 10 tickets"))
    assert admin.get(f"/admin/events/{event['id']}")["statistics"]["tickets_checked_in"] == 30


def test_a_scanner_works_with_any_element_in_focus(
    admin_visitor: Visitor, admin: ApiClient, customer: Account, event: dict[str, Any]
) -> None:
    page = admin_visitor.page
    first, second, third = codes_of(admin.book(event, 3, customer))
    admin_visitor.open(f"/admin/check-in?event={event['id']}")
    page.get_by_role("switch", name="Sound").click()
    expect(page.get_by_label("Ticket code")).to_be_focused()
    scan(page, first)
    expect(page.locator("mq-verdict-panel")).to_contain_text(first)
    page.get_by_role("heading", level=1).click()
    scan(page, second)
    expect(page.locator("mq-verdict-panel")).to_contain_text(second)
    page.get_by_role("button", name="Check in").focus()
    scan(page, third)
    expect(page.get_by_text("3 of 3 in")).to_be_visible()


def test_a_scan_without_an_answer_can_be_repeated(
    admin_visitor: Visitor, admin: ApiClient, customer: Account, event: dict[str, Any]
) -> None:
    page = admin_visitor.page
    first, second = codes_of(admin.book(event, 2, customer))
    admin_visitor.open(f"/admin/check-in?event={event['id']}")
    page.route("**/api/tickets/**", lambda route: route.abort("internetdisconnected"))
    scan(page, first)
    expect_verdict(page, "No answer", re.compile("can never be used twice"))
    page.unroute("**/api/tickets/**")
    page.get_by_role("button", name="Check this code again").click()
    expect_verdict(page, "Come in", re.compile(customer.name))
    expect(page.get_by_label("Ticket code")).to_be_focused()

    def drop_answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route("**/api/tickets/**", drop_answer)
    scan(page, second)
    expect_verdict(page, "No answer", re.compile("Nobody knows yet"))
    page.unroute("**/api/tickets/**")
    page.get_by_role("button", name="Check this code again").click()
    expect_verdict(page, "Used just now", re.compile("most likely by your scan"))
    expect(page.get_by_text("2 of 2 in")).to_be_visible()


def test_scanning_continues_after_signing_in_again(
    admin_visitor: Visitor, admin: ApiClient, customer: Account, event: dict[str, Any]
) -> None:
    page = admin_visitor.page
    code = codes_of(admin.book(event, 1, customer))[0]
    admin_visitor.open(f"/admin/check-in?event={event['id']}")
    admin_visitor.context.clear_cookies()
    scan(page, code)
    expect_verdict(page, "Signed out", re.compile("Nothing was checked in"))
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Phone").fill(ADMIN.phone)
    page.get_by_label("Password").fill(ADMIN.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Ticket code")).to_be_focused()
    scan(page, code)
    expect_verdict(page, "Come in", re.compile(customer.name))


def test_a_result_is_played_as_sound_and_vibration(
    visit: OpenVisitor, admin: ApiClient, customer: Account, event: dict[str, Any]
) -> None:
    visitor = visit(viewport={"width": 360, "height": 740}, has_touch=True)
    visitor.context.add_init_script("""
        window.felt = [];
        navigator.vibrate = (pattern) => { window.felt.push(pattern); return true; };
        window.heard = 0;
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (at) { window.heard += 1; start.call(this, at); };
    """)
    visitor.sign_in(ADMIN)
    page = visitor.page
    code, used_code = codes_of(admin.book(event, 2, customer))
    check_in_at_another_door(admin, used_code)
    visitor.open(f"/admin/check-in?event={event['id']}")
    for shown, headline, vibration in (
        (code, "Come in", [70]),
        (used_code, "Already used", [220, 90, 220]),
    ):
        page.get_by_label("Ticket code").fill(shown)
        page.get_by_role("button", name="Check in", exact=True).click()
        expect(page.locator("mq-verdict-panel .headline")).to_have_text(headline)
        assert page.evaluate("window.felt.at(-1)") == vibration
    heard = page.evaluate("window.heard")
    assert heard == 4
    page.get_by_role("switch", name="Sound").click()
    page.get_by_label("Ticket code").fill(code)
    page.get_by_label("Ticket code").press("Enter")
    expect(page.locator("section li")).to_have_count(2)
    assert page.evaluate("window.heard") == heard
    assert len(page.evaluate("window.felt")) == 3


def test_the_camera_reads_the_code_of_a_ticket(
    visit: OpenVisitor,
    admin: ApiClient,
    customer: Account,
    event: dict[str, Any],
    address: str,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Chromium's fake camera shows the QR code of a ticket, as the customer's page draws it."""
    booking = admin.book(event, 1, customer)
    code = codes_of(booking)[0]
    film = tmp_path_factory.mktemp("camera") / "ticket.mjpeg"
    film.write_bytes(_picture_of_ticket(visit(), customer, booking) * 30)
    options = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    chromium = browser.browser_type.launch(
        executable_path=system_browser.find(), args=[*CHROMIUM_OPTIONS, *options]
    )
    try:
        with visiting(chromium, address, permissions=["camera"]) as door:
            door.sign_in(ADMIN)
            page = door.page
            door.open(f"/admin/check-in?event={event['id']}")
            page.get_by_role("button", name="Scan with the camera").click()
            expect_verdict(page, "Come in", customer.name)
            expect(page.locator("mq-verdict-panel")).to_contain_text(code)
            expect(page.get_by_text("1 of 1 in")).to_be_visible()
            # The code is still in the picture, and counts once.
            page.evaluate(TWENTY_MORE_FRAMES)
            expect_verdict(page, "Come in", customer.name)
            page.get_by_role("button", name="Stop the camera").click()
            expect(page.locator("video")).to_be_hidden()
    finally:
        chromium.close()


def test_a_missing_camera_is_reported(admin_visitor: Visitor, event: dict[str, Any]) -> None:
    page = admin_visitor.page
    admin_visitor.open(f"/admin/check-in?event={event['id']}")
    page.get_by_role("button", name="Scan with the camera").click()
    expect(page.get_by_role("alert")).to_contain_text("The camera cannot be used")
    expect(page.get_by_role("button", name="Scan with the camera")).to_be_visible()


def _new_customer(admin: ApiClient) -> Account:
    return admin.new_customer("Customer of Many")


def _picture_of_ticket(visitor: Visitor, customer: Account, booking: dict[str, Any]) -> bytes:
    """Return a camera image (JPEG) of the QR code on a customer's screen."""
    visitor.sign_in(customer)
    visitor.open(f"/bookings/{booking['id']}")
    visitor.page.set_viewport_size({"width": 640, "height": 480})
    drawing = visitor.page.locator("mq-qr-code svg").first.evaluate("(svg) => svg.outerHTML")
    visitor.page.goto("about:blank")
    visitor.page.set_content(f"<body>{drawing}")
    visitor.page.add_style_tag(
        content="svg{display:block;width:300px;height:300px;margin:80px 160px}"
    )
    return visitor.page.screenshot(type="jpeg", quality=90)
