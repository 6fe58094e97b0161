"""One request to a webhook endpoint, by the Standard Webhooks specification.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import asyncio
import base64
import hashlib
import hmac
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2

from app.addresses import is_public

ATTEMPT_SECONDS = 15
MOST_ANSWER_BYTES = 1000
LONGEST_RETRY_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class Answer:
    """The result of an attempt. `status` is None if there was no answer."""

    status: int | None
    error: str | None
    retry_after: timedelta | None = None


class RefusedAddressError(Exception):
    """The name of the endpoint stands for no address that may be called."""


def new_client() -> httpx2.AsyncClient:
    """Return a client for attempts.

    It keeps no connection open: the next request over it could be for another name with the same
    address, and TLS would not verify that name.
    """
    return httpx2.AsyncClient(
        follow_redirects=False,
        trust_env=False,
        timeout=ATTEMPT_SECONDS,
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
    )


def signature(message_id: str, timestamp: int, body: str, secrets: Sequence[bytes]) -> str:
    """Return the value of webhook-signature: a signature for each secret."""
    signed = f"{message_id}.{timestamp}.{body}".encode()
    return " ".join(
        "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
        for secret in secrets
    )


async def send(
    client: httpx2.AsyncClient,
    *,
    url: str,
    message_id: str,
    body: str,
    secrets: Sequence[bytes],
    private_addresses: bool,
) -> Answer:
    """Make one attempt. It ends within 15 seconds."""
    timestamp = int(time.time())
    headers = {
        "content-type": "application/json",
        "accept-encoding": "identity",
        "user-agent": "Marquee",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(message_id, timestamp, body, secrets),
    }
    try:
        async with asyncio.timeout(ATTEMPT_SECONDS):
            return await _post(client, httpx2.URL(url), headers, body, private_addresses)
    except TimeoutError:
        return Answer(None, "The receiver did not answer in time.")
    except RefusedAddressError as error:
        return Answer(None, str(error))
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
        return Answer(None, f"The request failed ({type(error).__name__}).")


async def _post(
    client: httpx2.AsyncClient,
    url: httpx2.URL,
    headers: dict[str, str],
    body: str,
    private_addresses: bool,
) -> Answer:
    address = await checked_address(url, private_addresses)
    # The connection goes to the address that was checked, so that a second look-up of the name
    # cannot lead elsewhere. TLS still verifies the name.
    request = client.build_request(
        "POST",
        url.copy_with(host=address),
        content=body.encode(),
        headers={**headers, "host": url.netloc.decode()},
        extensions={"sni_hostname": url.host},
    )
    response = await client.send(request, stream=True)
    try:
        status = response.status_code
        if 200 <= status <= 299:
            return Answer(status, None)
        said = await _beginning(response)
    finally:
        await response.aclose()
    return Answer(
        status,
        f"The receiver answered {status}." + (f" It said: {said}" if said else ""),
        _retry_after(response.headers.get("retry-after")),
    )


async def checked_address(url: httpx2.URL, private_addresses: bool) -> str:
    """Look a name up once, and return an address that may be called."""
    port = url.port or (443 if url.scheme == "https" else 80)
    found = await asyncio.get_running_loop().getaddrinfo(
        url.host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )
    for *_, address in found:
        if private_addresses or is_public(str(address[0])):
            return str(address[0])
    raise RefusedAddressError("The name of the receiver stands for no public address.")


async def _beginning(response: httpx2.Response) -> str:
    read = b""
    async for chunk in response.aiter_raw(MOST_ANSWER_BYTES):
        read += chunk
        if len(read) >= MOST_ANSWER_BYTES:
            break
    text = read[:MOST_ANSWER_BYTES].decode(errors="replace")
    return "".join(c if c.isprintable() else " " for c in text).strip()


def _retry_after(value: str | None) -> timedelta | None:
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:6])), LONGEST_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(value)
        wait = at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)
    except (ValueError, OverflowError):
        return None
    return min(max(wait, timedelta()), LONGEST_RETRY_AFTER)
