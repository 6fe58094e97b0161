"""The name of a browser in the list of sessions."""

import pytest

from app.http.browsers import browser_words

LIKE_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"
ON_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
ON_ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"
ON_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
ON_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"


@pytest.mark.parametrize(
    ("header", "words"),
    (
        (
            "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0",
            "Firefox on Android",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
            "Firefox on Linux",
        ),
        (
            f"{ON_IPHONE} (KHTML, like Gecko) FxiOS/132.0 Mobile/15E148 Safari/605.1.15",
            "Firefox on iPhone",
        ),
        (f"{ON_WINDOWS} {LIKE_CHROME} Safari/537.36", "Chrome on Windows"),
        (f"{ON_ANDROID} {LIKE_CHROME} Mobile Safari/537.36", "Chrome on Android"),
        (
            f"{ON_IPHONE} (KHTML, like Gecko) CriOS/131.0 Mobile/15E148 Safari/604.1",
            "Chrome on iPhone",
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {LIKE_CHROME} Safari/537.36",
            "Chrome on Chromebook",
        ),
        (
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
                " HeadlessChrome/131.0.0.0 Safari/537.36"
            ),
            "Chrome on Linux",
        ),
        (f"{ON_WINDOWS} {LIKE_CHROME} Safari/537.36 Edg/131.0.0.0", "Edge on Windows"),
        (f"{ON_ANDROID} {LIKE_CHROME} Mobile Safari/537.36 EdgA/131.0.0.0", "Edge on Android"),
        (f"{ON_MAC} {LIKE_CHROME} Safari/537.36 OPR/116.0.0.0", "Opera on Mac"),
        (
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko)"
                " SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36"
            ),
            "Samsung Internet on Android",
        ),
        (
            f"{ON_IPHONE} (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            f"{ON_MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
            "Safari on Mac",
        ),
        (
            (
                "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
                " (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
            ),
            "Safari on iPad",
        ),
        ("curl/8.5.0", "curl"),
        ("python-httpx2/1.0", "python-httpx2"),
        ("Mozilla/5.0", "Mozilla"),
        ("a" * 300, "a" * 40),
        ("<script>alert(1)</script>", None),
        ("", None),
        (None, None),
    ),
)
def test_a_browser_is_named_in_a_few_words(header: str | None, words: str | None) -> None:
    assert browser_words(header) == words
