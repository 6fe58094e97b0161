"""Users with a password and a session."""

import hashlib
import itertools
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg
from argon2 import PasswordHasher

from app.data import passwords
from tests.support.bodies import PASSWORD
from tests.support.rows import add_user

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """A user with a session; the token is the content of the session cookie."""

    id: int
    name: str
    phone: str
    token: str


def add_person(db: psycopg.Connection, **columns: object) -> Person:
    """Insert a user with a password and a session."""
    given: dict[str, Any] = {
        "name": "Ana Sommer",
        "phone": f"+491525{next(_numbers):07}",
        "password_hash": _hashed(passwords.HASHER),
        **columns,
    }
    user_id = add_user(db, **given)
    token = add_session(db, user_id)
    return Person(user_id, given["name"], given["phone"], token)


def add_people(db: psycopg.Connection, size: int) -> list[Person]:
    """Insert many users with a session each, in one statement."""
    phones = [f"+491525{next(_numbers):07}" for _ in range(size)]
    tokens = [secrets.token_urlsafe(32) for _ in range(size)]
    hashes = [hashlib.sha256(token.encode()).digest() for token in tokens]
    added = db.execute(
        "WITH added AS ("
        "   INSERT INTO users (name, phone) SELECT 'Ana Sommer', unnest(%s::text[])"
        "   RETURNING id, phone"
        "), signed_in AS ("
        "   INSERT INTO sessions (user_id, token_hash) SELECT added.id, given.hash FROM added"
        "   JOIN unnest(%s::text[], %s::bytea[]) AS given (phone, hash) USING (phone)"
        ")"
        " SELECT phone, id FROM added",
        (phones, phones, hashes),
    )
    ids: dict[str, int] = dict(added.fetchall())
    return [
        Person(ids[phone], "Ana Sommer", phone, token)
        for phone, token in zip(phones, tokens, strict=True)
    ]


@cache
def _hashed(hasher: PasswordHasher) -> str:
    return hasher.hash(PASSWORD)


def add_session(db: psycopg.Connection, user_id: int) -> str:
    """Insert a session and return its token."""
    token = secrets.token_urlsafe(32)
    db.execute(
        "INSERT INTO sessions (token_hash, user_id) VALUES (%s, %s)",
        (hashlib.sha256(token.encode()).digest(), user_id),
    )
    return token
