"""Mails are sent over SMTP. While the mail server is talked to, no transaction is open."""

import asyncio
import hashlib
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from app.background.loops import repeating
from app.background.mail_messages import attach, message_of
from app.calendars import CalendarFile, booking_file
from app.data.database import Database
from app.mail_folder import keep_mail
from app.metrics import MAILS
from app.settings import Settings

# How many mails are taken at once, and sent over one connection.
BATCH = 20
PAUSE_SECONDS = 2.0
RETRY_SECONDS = 10.0
SMTP_SECONDS = 15.0
# Longer than a run of mails takes with a slow mail server.
LEASE = timedelta(seconds=2 * SMTP_SECONDS * BATCH)

log = structlog.get_logger("marquee")


class Outbox(Protocol):
    """Where mails go."""

    async def take(self, message: EmailMessage) -> None:
        """Take a mail; raise SMTPException, OSError or ValueError when it cannot be taken."""

    def close(self) -> None:
        """End the connection, if there is one."""


class Server:
    """The mail server of SMTP_URL, over one connection."""

    def __init__(self, settings: Settings) -> None:
        url = urlsplit(settings.smtp_url.get_secret_value() if settings.smtp_url else "")
        tls = url.scheme == "smtps"
        self._client = aiosmtplib.SMTP(
            hostname=url.hostname,
            port=url.port or (465 if tls else 587),
            username=unquote(url.username) if url.username else None,
            password=unquote(url.password) if url.password else None,
            use_tls=tls,
            # A password is never sent in clear text.
            start_tls=True if url.username and not tls else None,
            timeout=SMTP_SECONDS,
        )

    async def take(self, message: EmailMessage) -> None:
        """Send a mail; connect before the first."""
        if not self._client.is_connected:
            await self._client.connect()
        await self._client.send_message(message)

    def close(self) -> None:
        """End the connection."""
        self._client.close()


class Folder:
    """The folder of MAIL_FOLDER, which the page /mails shows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def take(self, message: EmailMessage) -> None:
        """Write a mail into the folder."""
        await asyncio.to_thread(keep_mail, self._folder, message)

    def close(self) -> None:
        """Do nothing: there is no connection."""


@asynccontextmanager
async def mailing(database: Database, settings: Settings) -> AsyncIterator[None]:
    """Send mails until the process ends; without SMTP_URL they wait in the database.

    On a developer's machine they are kept in MAIL_FOLDER instead.
    """
    if not settings.sends_mail:
        yield
        return

    async def send() -> float:
        return 0 if await send_due_mails(database, settings) == BATCH else PAUSE_SECONDS

    async with repeating(
        "sending mails", send, first_pause=PAUSE_SECONDS, retry_pause=RETRY_SECONDS
    ):
        yield


async def send_due_mails(database: Database, settings: Settings) -> int:
    """Claim a run of mails, send each, and return how many there were."""
    tokens = [secrets.token_urlsafe(32) for _ in range(BATCH)]
    hashes = [hashlib.sha256(token.encode()).digest() for token in tokens]
    mails = await database.rows("claim_mails", token_hashes=hashes, lease=LEASE)
    if not mails:
        return 0
    files = await _calendar_files(database, [mail["id"] for mail in mails], settings)
    outbox: Outbox = Folder(settings.mail_folder) if settings.mail_folder else Server(settings)
    try:
        for mail in mails:
            token = tokens[mail["token_no"] - 1]
            error = await _send(outbox, dict(mail), token, files[mail["id"]], settings)
            await database.row("finish_mail", mail_id=mail["id"], error=error)
            MAILS.labels("sent" if error is None else "failed").inc()
            if error is not None:
                log.warning("mail not sent", mail_id=mail["id"], error=error)
    finally:
        outbox.close()
    return len(mails)


async def _calendar_files(
    database: Database, mail_ids: Sequence[int], settings: Settings
) -> Mapping[int, Sequence[CalendarFile]]:
    """Return what calendar programs are told of the bookings that mails are about."""
    files = defaultdict[int, list[CalendarFile]](list)
    for row in await database.rows("list_mail_calendar_entries", mail_ids=mail_ids):
        files[row["mail_id"]].append(booking_file(row, settings.site))
    return files


async def _send(
    outbox: Outbox,
    mail: Mapping[str, Any],
    token: str,
    files: Sequence[CalendarFile],
    settings: Settings,
) -> str | None:
    """Send one mail; return None, or why the mail server did not take it, without addresses."""
    try:
        message = message_of(mail, token, settings.mail_from, settings.site)
        attach(message, files)
        await outbox.take(message)
    except aiosmtplib.SMTPRecipientsRefused as error:
        return f"the recipient was refused with {error.recipients[0].code}"
    except aiosmtplib.SMTPResponseException as error:
        return f"{type(error).__name__} {error.code}"
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        # ValueError: the address cannot be written into a header.
        return type(error).__name__
    return None
