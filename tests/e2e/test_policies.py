"""The Content-Security-Policy of the pages, tried in a browser with what an attacker would do."""

import re

import pytest
from playwright.sync_api import Error, expect

from tests.e2e.browser import LIST_HEADING, Visitor

PLANTED = "https://attacker.example/"
# What turns a text into a script, if the browser lets it.
SINKS = {
    "HTML in an element": "document.body.innerHTML = text",
    "the address of a script": "document.createElement('script').src = text",
    "the text of a script": "document.createElement('script').text = text",
    "a document": "document.write(text)",
    "HTML of a frame": "document.createElement('iframe').srcdoc = text",
    "another policy": "trustedTypes.createPolicy('mine', { createHTML: (html) => html })",
}


def violations(visitor: Visitor) -> list[str]:
    """Return what the browser refused, and forget it: the test expects it."""
    found: list[str] = visitor.page.evaluate("window.policyViolations.splice(0)")
    visitor.problems.clear()
    return found


@pytest.mark.parametrize("code", SINKS.values(), ids=SINKS)
def test_a_text_cannot_become_a_script(visitor: Visitor, code: str) -> None:
    visitor.open("/")
    with pytest.raises(Error, match=r"Trusted|TrustedHTML|Policy"):
        visitor.page.evaluate(f"async (text) => {{ await ({code}); }}", "<b>planted</b>")
    assert {violation.split()[0] for violation in violations(visitor)} <= {
        "require-trusted-types-for",
        "trusted-types",
    }
    expect(visitor.page.get_by_role("heading", name=LIST_HEADING)).to_be_visible()


def test_a_planted_base_changes_no_address(visitor: Visitor) -> None:
    visitor.open("/")
    address = visitor.page.evaluate(
        """(planted) => {
            const base = document.createElement('base');
            base.href = planted;
            document.head.prepend(base);
            return new URL('main.js', document.baseURI).href;
        }""",
        PLANTED,
    )
    assert address == f"{visitor.address}/main.js"
    assert [violation.split()[0] for violation in violations(visitor)] == ["base-uri"]


def test_a_deep_link_loads_the_scripts_of_the_site(visitor: Visitor) -> None:
    """Without <base> the page must name them by absolute addresses."""
    visitor.open("/no/such/page")
    loaded: list[str] = visitor.page.evaluate(
        "performance.getEntriesByType('resource').map((entry) => entry.name)"
    )
    scripts = [name for name in loaded if name.endswith(".js")]
    assert scripts
    assert all(name.count("/") == 3 for name in scripts), scripts


def test_links_are_addresses_within_the_site(visitor: Visitor) -> None:
    visitor.open("/")
    first = visitor.page.locator("main a[href^='/events/']").first
    assert first.get_attribute("href", timeout=5_000)
    first.click()
    expect(visitor.page).to_have_url(re.compile(rf"^{re.escape(visitor.address)}/events/\d+"))


def test_the_description_of_the_api_opens(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.address}/api/docs")
    expect(visitor.page.locator(".opblock").first).to_be_visible()
