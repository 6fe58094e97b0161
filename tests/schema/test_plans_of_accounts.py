"""Statements about codes and devices, on rows that the large database lacks."""

from typing import LiteralString

import psycopg
import pytest

from tests.schema.account_plan_cases import OF_ACCOUNTS
from tests.schema.plans import plans_of, used_indexes


@pytest.mark.parametrize(("query", "index"), OF_ACCOUNTS.items())
def test_statements_about_accounts_use_their_indexes(
    large_db: psycopg.Connection, query: LiteralString, index: str
) -> None:
    large_db.execute(
        "INSERT INTO phone_codes (token_hash, code_hash, phone, user_id, expires_at)"
        " SELECT sha256(id::text::bytea), sha256('code'), phone, id, now() + id * interval '1 s'"
        " FROM users WHERE id < 10000"
    )
    large_db.execute(
        "INSERT INTO phone_code_requests (phone, user_id, network, at)"
        " SELECT phone, id, '10.0.0.0'::inet + id % 4000, now() - id * interval '0.37 s'"
        " FROM users WHERE id < 10000"
    )
    large_db.execute(
        "INSERT INTO known_devices (token_hash, user_id, network, last_used_at)"
        " SELECT sha256(id::text::bytea), id, '10.0.0.1', now() - id * interval '30 minutes'"
        " FROM users WHERE id < 10000"
    )
    large_db.execute(
        "INSERT INTO password_codes (user_id, code_hash, expires_at)"
        " SELECT id, sha256('code'), now() + id * interval '1 s' FROM users WHERE id < 10000"
    )
    large_db.execute(
        "INSERT INTO second_factors (user_id, secret, confirmed_at)"
        " SELECT id, repeat('A', 32), now() FROM users WHERE id < 10000"
    )
    large_db.execute(
        "INSERT INTO recovery_codes (user_id, code_hash)"
        " SELECT id, sha256('code') FROM users WHERE id < 10000"
    )
    large_db.execute(
        "ANALYZE phone_codes, phone_code_requests, known_devices, password_codes, second_factors,"
        " recovery_codes"
    )

    assert index in used_indexes(plans_of(large_db, query.encode()))
