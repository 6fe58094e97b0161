"""The server, the browser and the users of the browser tests."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from app.local import browser as system_browser
from app.local.postgres import Cluster
from app.paths import BUILT_FRONTEND
from seeds.accounts import DEMO_ACCOUNTS
from tests.e2e.admin_page_data import ADMIN
from tests.e2e.browser import CHROMIUM_OPTIONS, Visitor, visiting
from tests.e2e.server import Account, ApiClient, serve
from tests.support.mail_server import Postbox, mail_server

OpenVisitor = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="package")
def postbox() -> Postbox:
    """The mails that the server has sent."""
    return Postbox()


@pytest.fixture(scope="package")
def address(
    cluster: Cluster, postbox: Postbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the server."""
    if not (BUILT_FRONTEND / "index.html").exists():
        pytest.fail("The browser tests need the frontend: make build")
    folder = tmp_path_factory.mktemp("server")
    with mail_server(postbox) as port, serve(cluster, folder, port) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, for this package only, because Playwright's event loop disturbs async tests."""
    program = system_browser.find()
    if program is None or shutil.which(program) is None:
        pytest.fail("The browser tests need Chromium: apt-get install chromium fonts-liberation")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[OpenVisitor]:
    """Return a function that opens a browser window for another visitor."""
    with ExitStack() as windows:

        def open_window(**options: Any) -> Visitor:
            return windows.enter_context(visiting(browser, address, **options))

        yield open_window


@pytest.fixture
def visitor(visit: OpenVisitor) -> Visitor:
    """A visitor with a wide window who is not signed in."""
    return visit()


@pytest.fixture
def admin_visitor(visit: OpenVisitor) -> Visitor:
    """An admin with a wide window who is signed in."""
    visitor = visit()
    visitor.sign_in(ADMIN)
    return visitor


@pytest.fixture(scope="package")
def admin(address: str) -> Iterator[ApiClient]:
    """The API as an admin calls it."""
    account = next(account for account in DEMO_ACCOUNTS if account["role"] == "admin")
    api = ApiClient(address, account["phone"], account["password"])
    yield api
    api.close()


@pytest.fixture(scope="package")
def long_list(admin: ApiClient) -> None:
    """Make the list of events longer than one page."""
    for number in range(21):
        admin.new_event(title=f"Serial No. {number}")


@pytest.fixture
def customer(admin: ApiClient) -> Account:
    """A new customer with an account."""
    return admin.new_customer()
