"""Smaller answers for clients that can read them: content coding as in RFC 9110, section 8.4.

Files are compressed when the frontend is built (frontend/scripts/compress.mjs), because that may
take long. Answers that are made for each request are compressed quickly, and only large ones.
"""

import zlib
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

# Below this, compressing saves no packet.
SMALLEST_BYTES = 1_400
# Each answer is compressed as it is sent. Level 1 gives most of the gain in a third of the time.
LEVEL = 1
GZIP_FORMAT = 31


def accepted_codings(headers: Headers) -> frozenset[str]:
    """Return the content codings that a client accepts, in lower case."""
    listed = ",".join(headers.getlist("accept-encoding")).lower().split(",")
    return frozenset(_accepted(listed))


def _accepted(listed: Iterable[str]) -> Iterable[str]:
    for item in listed:
        coding, *parameters = (part.strip() for part in item.split(";"))
        if not any(_refuses(parameter) for parameter in parameters):
            yield coding


def _refuses(parameter: str) -> bool:
    name, _, weight = parameter.partition("=")
    return name.strip() == "q" and weight.strip(" 0.") == ""


def vary_by_coding(headers: MutableHeaders) -> None:
    """Tell caches that the answer depends on what the client accepts."""
    headers.add_vary_header("Accept-Encoding")


def compress(response: Response, accepts: Headers) -> Response:
    """Return the answer, compressed if that pays and the client accepts it.

    An answer with an ETag stays as it is: the tag names its bytes.
    """
    if len(response.body) < SMALLEST_BYTES or "etag" in response.headers:
        return response
    vary_by_coding(response.headers)
    if "gzip" in accepted_codings(accepts):
        response.body = zlib.compress(response.body, LEVEL, GZIP_FORMAT)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.body))
    return response
