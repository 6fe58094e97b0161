"""Render every page in every state into frontend/screenshots: `make screenshots`.

The images are for people; no test compares them.
"""

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
from tests.e2e.admin_page_states import (
    AdminPageData,
    create_admin_page_data,
    visit_admin_page_states,
)
from tests.e2e.browser import CHROMIUM_OPTIONS, Theme, Visitor, visiting
from tests.e2e.page_states import PageData, create_page_data, visit_page_states
from tests.e2e.server import ApiClient, serve
from tests.support.databases import OWNER

FOLDER = ROOT / "frontend" / "screenshots"
SIZES = ((360, 740), (768, 1024), (1280, 900))
# A dialog is in the middle of the window, not of the page.
DIALOGS = {"booking-cancelling", "booking-full-screen", "admin-ending"}
THEMES: tuple[Theme, ...] = ("light", "dark")


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
            for theme in THEMES:
                _take(chromium, address, (data, admin_data), width, height, theme)
        chromium.close()
        admin.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}")


@contextmanager
def _server() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, throw_away_cluster(NOT_DURABLE) as cluster:
        cluster.psql(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE;")
        with serve(cluster, Path(folder)) as address:
            yield address


def _take(
    browser: Browser,
    address: str,
    page_data: tuple[PageData, AdminPageData],
    width: int,
    height: int,
    theme: Theme,
) -> None:
    with ExitStack() as windows:

        def open_window() -> Visitor:
            options: dict[str, Any] = {"viewport": {"width": width, "height": height}}
            if width < 600:
                options |= {"is_mobile": True, "has_touch": True}
            return windows.enter_context(visiting(browser, address, theme=theme, **options))

        def take(name: str, visitor: Visitor) -> None:
            path = FOLDER / f"{name}-{width}-{theme}.png"
            visitor.page.screenshot(path=path, full_page=name not in DIALOGS)

        visit_page_states(
            page_data[0], open_window, lambda state, visitor: take(state.name, visitor)
        )
        visit_admin_page_states(page_data[1], open_window, take)


if __name__ == "__main__":
    main()
