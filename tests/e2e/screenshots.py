"""Render every page in every state into frontend/screenshots: `make screenshots`.

The images are for people; no test compares them.
"""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from app.local import browser as system_browser
from app.local.paths import ROOT
from app.local.postgres import NOT_DURABLE, throw_away_cluster
from seeds.accounts import DEMO_ACCOUNTS
from tests.e2e.admin_page_data import AdminPageData, create_admin_page_data
from tests.e2e.admin_page_states import visit_admin_page_states
from tests.e2e.browser import CHROMIUM_OPTIONS, ForcedColors, Theme, Visitor, visiting
from tests.e2e.page_data import PageData, create_page_data
from tests.e2e.page_states import visit_page_states
from tests.e2e.server import ApiClient, serve
from tests.support.databases import OWNER

FOLDER = ROOT / "frontend" / "screenshots"
SIZES = ((360, 740), (768, 1024), (1280, 900), (1680, 1000))
# A dialog is in the middle of the window, not of the page.
DIALOGS = {
    "account-removing",
    "booking-cancelling",
    "booking-full-screen",
    "account-signing-out",
    "admin-box-office-asking",
    "admin-ending",
    "admin-people-asking",
    "admin-people-last-admin",
    "admin-webhook-deletion",
    "admin-token-revoking",
}
# No picture needs a mail.
NO_MAIL_SERVER = 1
THEMES: tuple[Theme, ...] = ("light", "dark")
FORCED_COLORS: tuple[ForcedColors, ...] = ("none", "active")


def main() -> None:
    """Render all screenshots."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with _server() as address, sync_playwright() as playwright:
        admin = ApiClient(address, DEMO_ACCOUNTS[0]["phone"], DEMO_ACCOUNTS[0]["password"])
        data, admin_data = create_page_data(admin), create_admin_page_data(admin)
        chromium = playwright.chromium.launch(
            executable_path=system_browser.find(), args=CHROMIUM_OPTIONS
        )
        for width, height in SIZES:
            for theme, forced in itertools.product(THEMES, FORCED_COLORS):
                window = {
                    "viewport": {"width": width, "height": height},
                    "theme": theme,
                    "forced_colors": forced,
                }
                _take(chromium, address, (data, admin_data), window)
        chromium.close()
        admin.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}")


@contextmanager
def _server() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, throw_away_cluster(NOT_DURABLE) as cluster:
        cluster.psql(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE;")
        with serve(cluster, Path(folder), NO_MAIL_SERVER) as address:
            yield address


def _take(
    browser: Browser,
    address: str,
    page_data: tuple[PageData, AdminPageData],
    window: dict[str, Any],
) -> None:
    width = window["viewport"]["width"]
    colours = window["theme"] + ("-forced" if window["forced_colors"] == "active" else "")
    if width < 600:
        window = {**window, "is_mobile": True, "has_touch": True}
    with ExitStack() as windows:

        def open_window() -> Visitor:
            return windows.enter_context(visiting(browser, address, **window))

        def take(name: str, visitor: Visitor) -> None:
            path = FOLDER / f"{name}-{width}-{colours}.png"
            visitor.page.screenshot(path=path, full_page=name not in DIALOGS)

        visit_page_states(
            page_data[0], open_window, lambda state, visitor: take(state.name, visitor)
        )
        visit_admin_page_states(page_data[1], open_window, take)


if __name__ == "__main__":
    main()
