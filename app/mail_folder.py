"""Mails in a folder instead of a mail server: a Maildir, for a developer's machine."""

import mailbox
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


def keep_mail(folder: Path, message: EmailMessage) -> None:
    """Add a mail to the folder, which is made if there is none. Several processes may do so."""
    mailbox.Maildir(folder).add(message)


def kept_mails(folder: Path) -> Sequence[str]:
    """Return the names of all mails in the folder, the newest first."""
    files = list((folder / "new").glob("*"))
    return [file.name for file in sorted(files, key=_written_at, reverse=True)]


def read_mail(folder: Path, name: str) -> EmailMessage | None:
    """Return the mail of this name, or None when there is none."""
    file = folder / "new" / name
    if "/" in name or not file.is_file():
        return None
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def _written_at(file: Path) -> int:
    return file.stat().st_mtime_ns
