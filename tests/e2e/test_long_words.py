"""A word of 60 letters in a title is broken into lines on every page, also at 320 px."""

from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.admin_page_data import ADMIN
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import ApiClient

WORD = "Donaudampfschifffahrtsgesellschaftskapitaensversammlungshall"
# Texts with the word that go beyond the edge of the block in which they stand, or are cut there.
CUT = """
(word) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const cut = [];
  while (texts.nextNode()) {
    const text = texts.currentNode;
    const element = text.parentElement;
    const unseen = '.visually-hidden, .cdk-visually-hidden';
    const hidden = !element.checkVisibility() || element.closest(unseen);
    if (!text.data.includes(word) || hidden) continue;
    let block = element;
    while (getComputedStyle(block).display.startsWith('inline')) block = block.parentElement;
    const range = document.createRange();
    range.selectNode(text);
    // A line that is meant to be shortened ends in an ellipsis.
    if (getComputedStyle(block).textOverflow === 'ellipsis') continue;
    const right = Math.max(...[...range.getClientRects()].map((box) => box.right));
    if (right > block.getBoundingClientRect().right + 1) {
      cut.push(`${block.tagName}.${block.className}`);
    }
  }
  return cut;
}
"""


def expect_broken(page: Page) -> None:
    expect(page.locator("main").get_by_text(WORD).first).to_be_attached()
    cut: Sequence[str] = page.evaluate(CUT, WORD)
    assert cut == [], f"{page.url} at {page.viewport_size}"


@pytest.mark.parametrize("width", (320, 1280))
def test_a_very_long_word_breaks_everywhere(
    visit: OpenVisitor, admin: ApiClient, width: int
) -> None:
    assert len(WORD) == 60
    title = f"Die {WORD} {width}"
    event = admin.new_event(title=title, venue=title, date_time="2091-05-01T20:00:00")
    person = admin.new_customer()
    booking = admin.book(event, 2, person)
    visitor = visit(viewport={"width": width, "height": 700})
    page = visitor.page

    def check(path: str) -> None:
        visitor.open(path)
        expect_broken(page)
        assert not visitor.scrolls_sideways(), path

    check("/?from=2091-05-01&to=2091-05-02")
    # A day without events, which names the next one.
    check("/?from=2091-04-29&to=2091-04-30")
    check(f"/events/{event['id']}")
    visitor.sign_in(person)
    check("/bookings")
    check(f"/bookings/{booking['id']}")
    page.get_by_role("button", name="Cancel booking").click()
    expect_broken(page)
    page.get_by_role("button", name="Keep booking").click()
    page.get_by_role("button", name="Show ticket 1 full screen").click()
    expect(page.get_by_role("dialog", name="Ticket codes")).to_be_visible()
    expect_broken(page)

    visitor = visit(viewport={"width": width, "height": 700})
    page = visitor.page
    visitor.sign_in(ADMIN)
    check(f"/admin?search={WORD[:20]}")
    check(f"/admin/events/{event['id']}")
    check(f"/admin/events/{event['id']}/copies")
    check(f"/admin/events/{event['id']}/edit")
    visitor.open("/admin/check-in")
    page.get_by_label("Find the event").fill(WORD[:20])
    expect(page.get_by_role("link", name=title)).to_be_visible()
    expect_broken(page)
    page.get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    expect_broken(page)
    assert not visitor.scrolls_sideways()
