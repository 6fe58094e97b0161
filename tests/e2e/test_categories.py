"""Categories are chosen from the list, by customers and by admins, and nothing moves for them."""

from urllib.parse import quote

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.e2e.admin_page_data import ADMIN
from tests.e2e.browser import DESKTOP, PHONE
from tests.e2e.conftest import OpenVisitor
from tests.e2e.server import ApiClient


@pytest.mark.parametrize("size", (PHONE, DESKTOP), ids=["phone", "desktop"])
@pytest.mark.parametrize("path", ("/", "/admin"), ids=["customer", "admin"])
def test_a_category_is_chosen_from_the_list(
    visit: OpenVisitor, admin: ApiClient, path: str, size: ViewportSize
) -> None:
    name = f"Circus {len(path)} {size['width']}"
    admin.new_event(title="Five Spinning Plates", category=name)
    visitor = visit(viewport=size)
    if path == "/admin":
        visitor.sign_in(ADMIN)
    page = visitor.page
    visitor.open(path)
    category = page.get_by_label("Category")
    if path == "/":
        expect(category).to_be_in_viewport(ratio=1)
    expect(category.get_by_role("option", name=name)).to_have_count(1)
    assert visitor.layout_shift() == 0
    category.select_option(name)
    expect(page).to_have_url(f"{visitor.address}{path}?category={quote(name)}")
    expect(page.get_by_text("1 event", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Five Spinning Plates").first).to_be_visible()
    page.reload()
    expect(category).to_have_value(name)
    category.select_option("Any category")
    expect(page).to_have_url(f"{visitor.address}{path}")
