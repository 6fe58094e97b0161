"""A browser window that detects what no page may do."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Route,
    ViewportSize,
    expect,
)

from tests.e2e.server import Account

# A busy machine may be slow; a test that waits for nothing still fails.
TIMEOUT_MS = 30_000
expect.set_options(timeout=TIMEOUT_MS)

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Theme = Literal["light", "dark"]
ForcedColors = Literal["none", "active"]
PHONE: ViewportSize = {"width": 360, "height": 740}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
LIST_HEADING = "What\N{RIGHT SINGLE QUOTATION MARK}s on"
CONFIRMED = "You\N{RIGHT SINGLE QUOTATION MARK}re going"

_WATCH = """
window.layoutShift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (!entry.hadRecentInput) window.layoutShift += entry.value;
  }
}).observe({ type: 'layout-shift', buffered: true });
window.policyViolations = [];
document.addEventListener('securitypolicyviolation', (event) =>
  window.policyViolations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


class Visitor:
    """A person with a browser window."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.context = context
        self.problems: list[str] = []
        self._unanswered: list[Route] = []
        context.set_default_timeout(TIMEOUT_MS)
        context.add_init_script(_WATCH)
        context.on("console", self._note_console)
        context.on("weberror", lambda error: self.problems.append(f"error: {error.error}"))
        context.on("request", self._note_request)
        self.page: Page = context.new_page()

    def open(self, path: str) -> None:
        """Go to a page and wait until it shows its content."""
        self.page.goto(self.address + path)
        self.settled()

    def settled(self) -> None:
        """Wait until the page has loaded: it has a heading, and nothing is busy."""
        expect(self.page.locator("main h1")).to_be_visible()
        expect(self.page.locator("main [aria-busy=true]")).to_have_count(0)

    def sign_in(self, person: Account) -> None:
        """Get the session cookie without the form, which the stories use."""
        account = {"phone": person.phone, "password": person.password}
        answer = self.context.request.post(f"{self.address}/api/sessions", data=account)
        assert answer.ok, answer.text()

    def layout_shift(self) -> float:
        """Return the layout shift (0 is none)."""
        shift: float = self.page.evaluate("window.layoutShift")
        return shift

    def scrolls_sideways(self) -> bool:
        """Say whether the page is wider than the window."""
        wide: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wide

    def leave_unanswered(self, route: Route) -> None:
        """Leave a request without an answer until the visit ends."""
        self._unanswered.append(route)

    def check(self) -> None:
        """Fail if something happened that no page may do."""
        for route in self._unanswered:
            route.abort()
        for page in self.context.pages:
            violations = page.evaluate("window.policyViolations ?? []")
            self.problems += [f"content security policy: {violation}" for violation in violations]
        if self.problems:
            raise AssertionError("\n".join(self.problems))

    def _note_console(self, message: ConsoleMessage) -> None:
        # Chromium itself reports every answer from 400 up, which some tests cause on purpose, and
        # Playwright that it blocks the service worker.
        expected = ("Failed to load resource", "Service Worker registration blocked")
        if message.type in {"error", "warning"} and not message.text.startswith(expected):
            self.problems.append(f"console: {message.text}")

    def _note_request(self, request: Request) -> None:
        scheme, host = urlsplit(request.url)[:2]
        if scheme in {"http", "https", "ws", "wss"} and host != urlsplit(self.address).netloc:
            self.problems.append(f"request to {request.url}")


@contextmanager
def visiting(
    browser: Browser, address: str, *, theme: Theme = "light", **options: Any
) -> Iterator[Visitor]:
    """Open a browser window for one visitor; afterwards run its checks."""
    settings: dict[str, Any] = {
        "viewport": DESKTOP,
        "locale": "en-GB",
        "timezone_id": "Europe/Berlin",
        "reduced_motion": "reduce",
        # It would answer requests that a test wants to answer or to fail.
        "service_workers": "block",
        **options,
    }
    context = browser.new_context(color_scheme=theme, **settings)
    try:
        visitor = Visitor(context, address)
        yield visitor
        visitor.check()
    finally:
        context.close()


def expect_confirmation(page: Page) -> None:
    """Check that the confirmation page is shown."""
    expect(page.get_by_role("heading", level=1, name=CONFIRMED)).to_be_visible()


def press_tab_until(page: Page, name: str, *, most: int = 60) -> None:
    """Press Tab until the control of this accessible name has the focus."""
    passed = []
    for _ in range(most):
        page.keyboard.press("Tab")
        label: str = page.evaluate(
            """() => {
                const at = document.activeElement;
                const named = (at.getAttribute('aria-labelledby') ?? '')
                    .split(' ').map((id) => document.getElementById(id)?.textContent ?? '');
                return (at.getAttribute('aria-label') || named.join(' ').trim()
                    || at.labels?.[0]?.textContent || at.textContent).trim().replace(/\\s+/g, ' ');
            }"""
        )
        if label == name:
            return
        passed.append(label)
    raise AssertionError(f"Tab never reached {name!r}; it passed {passed}")
