"""Logs, searched for what nobody may read there."""

import re
from collections.abc import Iterable
from pathlib import Path

import psycopg

from tests.support.bodies import PASSWORD
from tests.support.people import Person

# Whatever looks like a ticket code, with or without its hyphens.
CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{5}-?){4}[0-9A-HJKMNP-TV-Z]\b", re.IGNORECASE)


def secrets_of(db: psycopg.Connection, people: Iterable[Person]) -> set[str]:
    """Return everything that would help a thief, but for ticket codes."""
    users = db.execute("SELECT phone, password_hash FROM users").fetchall()
    stored = {secret for row in users for secret in row if secret}
    return {PASSWORD, *stored, *(person.token for person in people)}


def told_by(log: Path, secrets: Iterable[str]) -> list[str]:
    """Return what a log tells: secrets, and whatever looks like a ticket code."""
    text = log.read_text(errors="replace")
    assert text, f"{log} is empty"
    return [*(secret for secret in secrets if secret in text), *CODE.findall(text)]


def assert_silent(log: Path, secrets: Iterable[str]) -> None:
    """Fail when a log tells a secret."""
    assert told_by(log, secrets) == []
