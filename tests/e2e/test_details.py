"""Details of pages that are seen and not read: places, colours and what a browser cannot do."""

import io

import pytest
from PIL import Image
from playwright.sync_api import ViewportSize, expect

from app.paths import BUILT_FRONTEND
from tests.e2e.browser import DESKTOP, PHONE, Visitor
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import Account, ApiClient


def test_my_bookings_use_the_width_of_a_desktop(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    admin.book(admin.new_event(title="From Left to Right"), 2, customer)
    visitor.sign_in(customer)
    visitor.open("/bookings")
    row = visitor.page.get_by_role("article")
    poster = row.locator("mq-poster").bounding_box()
    button = row.get_by_role("link", name="Show 2 tickets").bounding_box()
    whole = row.bounding_box()
    assert poster
    assert button
    assert whole
    assert poster["width"] == 18 * 16
    assert round(button["x"] + button["width"]) == round(whole["x"] + whole["width"])


@pytest.mark.parametrize("width", (360, 768))
def test_who_is_signed_in_is_seen_on_narrow_windows(
    visit: OpenVisitor, admin: ApiClient, width: int
) -> None:
    size: ViewportSize = {"width": width, "height": 740}
    visitor = visit(viewport=size)
    visitor.sign_in(admin.new_customer("Kim Example"))
    visitor.open("/")
    expect(visitor.page.get_by_role("banner").get_by_text("KE", exact=True)).to_be_in_viewport()


def test_the_cross_of_a_search_is_not_blue(visitor: Visitor) -> None:
    visitor.open("/?search=banjo")
    box = visitor.page.get_by_label("Search", exact=True)
    # Without the focus, whose ring has a colour of its own.
    box.hover()
    picture = Image.open(io.BytesIO(box.screenshot())).convert("RGB")
    width, height = picture.size
    right = picture.crop((width - 48, 4, width - 4, height - 4))
    pixels = right.tobytes()
    colours = set(zip(pixels[::3], pixels[1::3], pixels[2::3], strict=True))
    assert len(colours) > 1, "no cross is shown"
    assert [(red, green, blue) for red, green, blue in colours if blue > red + 30] == []


def test_a_browser_without_javascript_says_what_needs_it(visit: OpenVisitor) -> None:
    visitor = visit(java_script_enabled=False)
    visitor.page.goto(visitor.address)
    # Playwright looks for no text inside <noscript>.
    said = visitor.page.locator("noscript p")
    expect(said).to_be_visible()
    assert "Booking needs JavaScript." in said.inner_text()


def test_every_script_and_style_is_compressed_by_the_build() -> None:
    files = [*BUILT_FRONTEND.glob("*.js"), *BUILT_FRONTEND.glob("*.css")]
    large = [file for file in files if file.stat().st_size > 2000]
    assert len(large) > 10
    for file in large:
        for ending in (".br", ".gz"):
            compressed = file.with_name(file.name + ending)
            assert compressed.stat().st_size < 0.7 * file.stat().st_size, compressed


@pytest.mark.parametrize("size", (PHONE, DESKTOP), ids=("phone", "desktop"))
def test_the_date_of_an_event_is_told_once(
    visit: OpenVisitor, admin: ApiClient, size: ViewportSize
) -> None:
    event = admin.new_event(title="Once Only", date_time="2031-05-06T20:00:00")
    visitor = visit(viewport=size)
    visitor.open(f"/events/{event['id']}")
    expect(visitor.page.get_by_text("Tuesday, 6 May 2031")).to_have_count(1)


def test_a_notice_that_begins_with_a_hebrew_title_ends_at_the_right(
    visitor: Visitor, admin: ApiClient, customer: Account
) -> None:
    event = admin.new_event(title="\u05d2\u05f3\u05d0\u05d6", venue="Town Hall")
    admin.book(event, 1, customer)
    admin.edit_event(event, status="cancelled")
    visitor.sign_in(customer)
    visitor.open("/notices")
    notice = visitor.page.get_by_text("is cancelled.")
    expect(notice).to_be_visible()
    first, last = notice.evaluate(
        """(paragraph) => {
            const range = document.createRange();
            const text = paragraph.firstChild;
            const x = (at) => {
                range.setStart(text, at);
                range.setEnd(text, at + 1);
                return range.getBoundingClientRect().x;
            };
            const begin = text.data.indexOf('is cancelled');
            return [x(begin), x(text.data.indexOf('.', begin))];
        }"""
    )
    assert first < last
