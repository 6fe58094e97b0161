"""API tokens and door passes, inserted as rows."""

import hashlib
import secrets
from collections.abc import Sequence

import psycopg

from tests.support.rows import in_days, insert, value

SCOPES = ("door", "box-office", "events", "reports", "webhooks")


def hash_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def add_token(
    db: psycopg.Connection,
    user_id: int,
    scopes: Sequence[str] = SCOPES,
    event_id: int | None = None,
    **columns: object,
) -> str:
    """Insert an API token and return its secret."""
    return _add(db, "mqt_", user_id=user_id, scopes=scopes, event_id=event_id, **columns)


def add_pass(db: psycopg.Connection, user_id: int, event_id: int, **columns: object) -> str:
    """Insert a door pass and return its secret."""
    given = {"user_id": user_id, "scopes": ["door"], "event_id": event_id, "is_pass": True}
    return _add(db, "mqp_", **given, **columns)


def add_pass_session(db: psycopg.Connection, pass_secret: str) -> str:
    """Insert the session of a phone with a pass, and return the content of its cookie."""
    token = f"door_{secrets.token_urlsafe(32)}"
    db.execute(
        "INSERT INTO pass_sessions (token_hash, pass_id)"
        " SELECT %s, id FROM api_tokens WHERE token_hash = %s",
        [hash_of(token), hash_of(pass_secret)],
    )
    return token


def token_id(db: psycopg.Connection, secret: str) -> int:
    found: int = value(db, "SELECT id FROM api_tokens WHERE token_hash = %s", hash_of(secret))
    return found


def _add(db: psycopg.Connection, prefix: str, **columns: object) -> str:
    secret = prefix + secrets.token_urlsafe(32)
    given = {"name": "Till", "expires_at": in_days(30), **columns}
    scopes = given.pop("scopes")
    assert isinstance(scopes, Sequence)
    given["scopes"] = f"{{{','.join(scopes)}}}"
    insert(db, "api_tokens", token_hash=hash_of(secret), **given)
    return secret
