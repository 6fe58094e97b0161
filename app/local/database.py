"""The database that a command uses: the one that DATABASE_URL names, or else the embedded one."""

import os
import subprocess
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from app.local import embedded
from app.local.console import LocalError, say
from app.local.paths import ROOT, VENV_PYTHON, environment


@dataclass(frozen=True)
class Database:
    """The address of a database, and whether it is the embedded one."""

    url: str
    embedded: bool

    @property
    def variables(self) -> dict[str, str]:
        """Return the environment variables that the project's programs read."""
        return {"DATABASE_URL": self.url, **({"DEMO": "1"} if self.embedded else {})}


def is_external() -> bool:
    """Say whether DATABASE_URL names a database."""
    return bool(os.environ.get("DATABASE_URL"))


def ensure() -> Database:
    """Return the database, started or checked; raise LocalError when it cannot be reached."""
    if not is_external():
        return Database(embedded.ensure(), embedded=True)
    result = subprocess.run(
        [VENV_PYTHON, "-m", "app.local.probe"],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise LocalError(result.stderr.strip())
    say(result.stdout.strip())
    return Database(os.environ["DATABASE_URL"], embedded=False)


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """Return an address without its password, and the variable with the password.

    Other users of the machine can read the arguments of a command.
    """
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    if not password:
        return url, {}
    open_url = urlunsplit(parts._replace(netloc=f"{user}@{host}"))
    return open_url, {"PGPASSWORD": unquote(password)}
