"""Statements that the database must refuse."""

import json
from typing import Any, LiteralString

import psycopg
import pytest


def error_of(
    db: psycopg.Connection, query: LiteralString, *parameters: object
) -> psycopg.errors.Diagnostic:
    """Run a statement that must be refused, undo it, and return the error."""
    with pytest.raises(psycopg.Error) as caught, db.transaction():
        db.execute(query, parameters)
    return caught.value.diag


def refused_change(db: psycopg.Connection, query: LiteralString, *parameters: object) -> str | None:
    """Run a statement that a guard of the ledger must refuse, and return its sentence."""
    refusal = error_of(db, query, *parameters)
    assert refusal.sqlstate == "23001", refusal.message_primary
    return refusal.message_primary


def problem(
    db: psycopg.Connection, query: LiteralString, *parameters: object
) -> tuple[str | None, Any]:
    """Run a statement that must raise one of our problems; return its SQLSTATE and facts."""
    refusal = error_of(db, query, *parameters)
    return refusal.sqlstate, json.loads(refusal.message_detail or "null")


def seconds_left(whole: int) -> object:
    """Return what equals this many seconds, or up to ten less: the test itself takes time."""
    return pytest.approx(whole - 5, abs=5)
