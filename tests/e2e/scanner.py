"""A scanner that reads QR codes from the screen."""

import io

import zxingcpp
from PIL import Image
from playwright.sync_api import Locator, Page


def scan(page: Page | Locator, name: str) -> str:
    """Read a QR code as most scanners do: dark on light only."""
    code = page.get_by_role("img", name=name)
    code.scroll_into_view_if_needed()
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(code.screenshot())), try_invert=False)
    return str(found[0].text) if found else ""
