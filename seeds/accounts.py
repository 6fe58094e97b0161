"""The accounts anyone may sign in with on a demo database.

Their numbers are reserved for fiction (Bundesnetzagentur, Ofcom): they ring nobody.
"""

import json
from pathlib import Path
from typing import Literal, TypedDict


class DemoAccount(TypedDict):
    """One line of accounts.json."""

    name: str
    phone: str
    role: Literal["admin", "customer"]
    password: str


DEMO_ACCOUNTS: list[DemoAccount] = json.loads(
    (Path(__file__).parent / "accounts.json").read_text(encoding="utf-8")
)
