"""QR codes can be read from every screen."""

import pytest

from tests.e2e.browser import Theme
from tests.e2e.conftest import OpenVisitor
from tests.e2e.scanner import scan
from tests.e2e.server import Account, ApiClient


@pytest.mark.parametrize("colours", ("own", "forced", "automatically dark"))
@pytest.mark.parametrize("theme", ("light", "dark"))
def test_a_code_is_readable_whatever_replaces_the_colours(
    visit: OpenVisitor, admin: ApiClient, customer: Account, theme: Theme, colours: str
) -> None:
    booking = admin.book(admin.new_event(title="Black on White"), 1, customer)
    visitor = visit(theme=theme, forced_colors="active" if colours == "forced" else "none")
    visitor.sign_in(customer)
    if colours == "automatically dark":
        devtools = visitor.context.new_cdp_session(visitor.page)
        devtools.send("Emulation.setAutoDarkModeOverride", {"enabled": True})
        # With a theme of its own choice the site does not follow the system's.
        visitor.context.add_init_script("localStorage.setItem('marquee.theme', 'light')")
    visitor.open(f"/bookings/{booking['id']}")
    assert scan(visitor.page, "QR code of ticket 1 of 1") == booking["tickets"][0]["ticket_code"]
