"""The name of a browser and of what it runs on, from the header User-Agent.

It is for people who look through the list of their sessions. Browsers also name others in this
header, so that the order of the lists matters: a browser comes before those whose name it adds.
See https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/User-Agent.
"""

import re

BROWSERS = (
    ("Edge", r"\bEdg(e|A|iOS)?/"),
    ("Opera", r"\bOP(R|T|X)/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Vivaldi", r"\bVivaldi/"),
    ("Firefox", r"\b(Firefox|FxiOS)/"),
    ("Chrome", r"\b(CriOS|(Headless)?Chrome|Chromium)/"),
    ("Safari", r"\bVersion/[\d.]+ .*Safari/"),
)
SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Chromebook", r"\bCrOS\b"),
    ("Windows", r"\bWindows\b"),
    ("Mac", r"\bMac(intosh| OS X)\b"),
    ("Linux", r"\bLinux\b"),
)


def browser_words(user_agent: str | None) -> str | None:
    """Return a name such as "Firefox on Android", or None when nothing is known.

    A program that is no browser keeps the name with which its header begins, such as "curl".
    """
    header = (user_agent or "")[:500]
    browser, system = _first(BROWSERS, header), _first(SYSTEMS, header)
    if browser and system:
        return f"{browser} on {system}"
    if browser or system:
        return browser or system
    program = re.match(r"[A-Za-z][A-Za-z0-9._-]{0,39}", header)
    return program[0] if program else None


def _first(names: tuple[tuple[str, str], ...], header: str) -> str | None:
    return next((name for name, pattern in names if re.search(pattern, header)), None)
