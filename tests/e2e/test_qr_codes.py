"""QR codes can be read from every screen."""

import pytest

from tests.e2e.browser import Theme
from tests.e2e.conftest import OpenVisitor
from tests.e2e.scanner import scan
from tests.e2e.server import Account, ApiClient


@pytest.mark.parametrize("colours", ("own", "forced", "automatically dark"))
@pytest.mark.parametrize("theme", ("light", "dark"))
def test_a_code_is_readable_when_the_browser_replaces_colours(
    visit: OpenVisitor, admin: ApiClient, customer: Account, theme: Theme, colours: str
) -> None:
    booking = admin.book(admin.new_event(title="Black on White"), 1, customer)
    visitor = visit(theme=theme, forced_colors="active" if colours == "forced" else "none")
    visitor.sign_in(customer)
    if colours == "automatically dark":
        devtools = visitor.context.new_cdp_session(visitor.page)
        devtools.send("Emulation.setAutoDarkModeOverride", {"enabled": True})
        # A chosen theme takes precedence over the system's.
        visitor.context.add_init_script("localStorage.setItem('marquee.theme', 'light')")
    visitor.open(f"/bookings/{booking['id']}")
    code = booking["tickets"][0]["ticket_code"]
    assert scan(visitor.page, "QR code of ticket 1 of 1") == code
    visitor.page.get_by_role("button", name="Show ticket 1 full screen").click()
    full_screen = visitor.page.get_by_role("dialog", name="Ticket codes")
    assert scan(full_screen, "QR code of ticket 1 of 1") == code
