"""Create the first admin, or make a user an admin: `python -m app.operations.admin_account`.

Asks for name, phone and password; the password may also come from standard input.
"""

import argparse
import asyncio
import getpass
import sys
from typing import Any

import asyncpg
from pydantic import TypeAdapter, ValidationError

from app.data import primary
from app.data.passwords import hash_password
from app.data.queries import statement
from app.http.fields import Line, Password, Phone
from app.settings import Settings


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m app.operations.admin_account", description=__doc__
    )
    parser.add_argument("--name")
    parser.add_argument("--phone")
    arguments = parser.parse_args()
    settings = Settings.load()
    try:
        name = _checked(Line, arguments.name or input("Name: "), settings)
        phone = _checked(Phone, arguments.phone or input("Phone: "), settings)
        password = _checked(Password, _ask_password(), settings)
        created = asyncio.run(_make_admin(settings, name, phone, password))
    except (ValidationError, OSError, asyncpg.PostgresError, EOFError) as error:
        sys.exit(_reason(error))
    print(f"{name} ({phone}) is an admin now, with id {created}. Sign in with phone and password.")


def _ask_password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password (at least 8 characters): ")
    return sys.stdin.readline().rstrip("\n")


def _checked(type_: Any, value: str, settings: Settings) -> str:
    adapter: TypeAdapter[str] = TypeAdapter(type_)
    return adapter.validate_python(value, context={"region": settings.default_region})


async def _make_admin(settings: Settings, name: str, phone: str, password: str) -> int:
    connection = await primary.connect(settings.database_url.get_secret_value(), timeout=10)
    try:
        made = statement(
            "make_admin", name=name, phone=phone, password_hash=hash_password(password)
        )
        created: int = await connection.fetchval(*made)
        return created
    finally:
        await connection.close()


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_input=False)[0]["msg"]
        return f"Not valid: {found.removeprefix('Value error, ')}."
    if isinstance(error, EOFError):
        return "Name, phone and password are needed."
    return f"The database refused: {error}"


if __name__ == "__main__":
    main()
