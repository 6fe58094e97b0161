"""Addresses of databases."""

import pytest

from app.local.database import without_password


@pytest.mark.parametrize(
    ("url", "shown", "password"),
    (
        ("postgresql://u:p@h:5433/d?x=1", "postgresql://u@h:5433/d?x=1", "p"),
        ("postgresql://u:p%2Fq%40r@h/d", "postgresql://u@h/d", "p/q@r"),
        ("postgresql://u:p@a:1,b:2/d", "postgresql://u@a:1,b:2/d", "p"),
        ("postgresql://u@h/d", "postgresql://u@h/d", None),
        ("postgresql:///d", "postgresql:///d", None),
    ),
)
def test_the_password_leaves_the_address(url: str, shown: str, password: str | None) -> None:
    address, variables = without_password(url)
    assert address == shown
    assert variables.get("PGPASSWORD") == password
