"""Searches logs for secrets and personal data."""

import re
from collections.abc import Iterable
from pathlib import Path

import psycopg

from tests.support.bodies import PASSWORD
from tests.support.people import Person

# Any text that looks like a ticket code, with or without its hyphens.
CODE = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{5}-?){4}[0-9A-HJKMNP-TV-Z]\b", re.IGNORECASE)


def secrets_of(db: psycopg.Connection, people: Iterable[Person]) -> set[str]:
    """Return all secrets except ticket codes."""
    users = db.execute("SELECT phone, password_hash FROM users").fetchall()
    stored = {secret for row in users for secret in row if secret}
    return {PASSWORD, *stored, *(person.token for person in people)}


def told_by(log: Path, secrets: Iterable[str]) -> list[str]:
    """Return the secrets in a log, and all text that looks like a ticket code."""
    text = log.read_text(errors="replace")
    assert text, f"{log} is empty"
    return [*(secret for secret in secrets if secret in text), *CODE.findall(text)]


def assert_silent(log: Path, secrets: Iterable[str]) -> None:
    """Fail if a log contains a secret."""
    assert told_by(log, secrets) == []
