"""What a mail says: plain text and HTML from the same paragraphs.

Names, titles and sentences were written by people. They are escaped in HTML, and a header has none
of their control characters, so that nobody can add a header. Those of right-to-left scripts are
enclosed in U+2068 and U+2069, so that nobody can turn the direction of the words around them.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from html import escape
from typing import Any

from app.calendars import CalendarFile

SUBJECTS: Mapping[str, str] = {
    "booking-confirmed": "Your booking for {title}",
    "booking-cancelled": "Your booking for {title} was cancelled",
    "event-changed": "{title} has changed",
    "event-cancelled": "{title} is cancelled",
    "event-message": "A message about {title}",
    "event-reminder": "{title} begins soon",
    "email-verification": "Confirm your mail address",
    "password-reset": "Set a new password",
}
SUBJECT_LENGTH = 150
# Letters and marks of the scripts that are written from right to left.
RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


@dataclass(frozen=True)
class Link:
    """A link with the words that name it."""

    words: str
    url: str


def message_of(mail: Mapping[str, Any], token: str, sender: str, site: str) -> EmailMessage:
    """Return a mail that was claimed, ready to be sent.

    `token` is the secret for its link, `sender` the address that it comes from, and `site` the
    address of the pages, without a path. The Message-ID follows from the mail alone, so that a
    mail which is sent twice can be recognised.
    """
    domain = parseaddr(sender)[1].rpartition("@")[2]
    message = EmailMessage()
    message["From"] = sender
    message["To"] = Address(addr_spec=mail["address"])
    message["Subject"] = _subject(mail)
    message["Date"] = format_datetime(mail["created_at"])
    message["Message-ID"] = f"<mail-{mail['id']}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail["link"] == "unsubscription":
        # One press in the mail program ends such mail (RFC 8058).
        message["List-Unsubscribe"] = f"<{site}/unsubscribe?token={token}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    parts = _parts(mail, token, site)
    message.set_content(_text(parts))
    message.add_alternative(_html(parts), subtype="html")
    return message


def attach(message: EmailMessage, files: Iterable[CalendarFile]) -> None:
    """Attach calendar entries to a mail. A mail program may add, move or strike them out."""
    for file in files:
        main_type, _, rest = file.media_type.partition("/")
        subtype, *parameters = rest.split("; ")
        message.add_attachment(
            file.content,
            main_type,
            subtype,
            filename=file.name,
            params=dict(parameter.split("=") for parameter in parameters),
        )


def _subject(mail: Mapping[str, Any]) -> str:
    template = SUBJECTS[mail["kind"] or mail["purpose"]]
    title = _one_line(mail["event_title"] or "")
    room = SUBJECT_LENGTH - len(template.format(title=""))
    if len(title) > room:
        title = f"{title[: room - 1]}…"
    return template.format(title=_isolated(title))


def _one_line(text: str) -> str:
    """Return text without controls, line separators and marks that turn the direction."""
    kept = (
        " " if unicodedata.category(character) in {"Cc", "Zl", "Zp"} else character
        for character in text
        if unicodedata.category(character) not in {"Cf", "Cs"}
    )
    return " ".join("".join(kept).split())


def _isolated(line: str) -> str:
    """Return a line that leaves the words around it in their order. Notices do it in SQL."""
    return f"\u2068{line}\u2069" if RIGHT_TO_LEFT.search(line) else line


def _parts(mail: Mapping[str, Any], token: str, site: str) -> Sequence[str | Link]:
    greeting = f"Hello {_isolated(_one_line(mail['user_name']))},"
    # A fragment is not sent to the server, so no log can hold the token.
    if mail["purpose"] == "email-verification":
        return [
            greeting,
            "this address was entered for an account. Confirm it by this link within two days:",
            Link("Confirm the address", f"{site}/verify-email#token={token}"),
            "If you did not ask for this, do nothing: you will get no other mail.",
        ]
    if mail["purpose"] == "password-reset":
        return [
            greeting,
            "somebody asked for a new password for your account. The link is valid for 15 minutes:",
            Link("Set a new password", f"{site}/reset-password#token={token}"),
            "If it was not you, do nothing: your password stays as it is.",
        ]
    parts: list[str | Link] = [greeting, mail["notice"] or "", _page(mail, site)]
    if mail["link"] == "unsubscription":
        parts.append(Link("No reminders and messages", f"{site}/unsubscribe#token={token}"))
    return parts


def _page(mail: Mapping[str, Any], site: str) -> Link:
    if mail["booking_id"] is not None:
        return Link("Your booking", f"{site}/bookings/{mail['booking_id']}")
    return Link("The event", f"{site}/events/{mail['event_id']}")


def _text(parts: Sequence[str | Link]) -> str:
    written = [f"{part.words}: {part.url}" if isinstance(part, Link) else part for part in parts]
    return "\n\n".join(written) + "\n"


def _html(parts: Sequence[str | Link]) -> str:
    # The sentences are English, also one that begins with a title of a right-to-left script.
    paragraphs = "\n".join(f'<p dir="ltr">{_html_of(part)}</p>' for part in parts)
    return f'<!doctype html>\n<html lang="en"><body>\n{paragraphs}\n</body></html>\n'


def _html_of(part: str | Link) -> str:
    if isinstance(part, Link):
        return f'<a href="{escape(part.url)}">{escape(part.words)}</a>'
    return escape(part).replace("\n", "<br>")
