"""The database a run works on: the one DATABASE_URL names, else the embedded one."""

import os
import subprocess
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from app.local import embedded
from app.local.console import LocalError, say
from app.local.paths import ROOT, VENV_PYTHON, environment


@dataclass(frozen=True)
class Database:
    """Its address, and whether it is the project's own."""

    url: str
    embedded: bool

    @property
    def variables(self) -> dict[str, str]:
        """Return what the project's programs read."""
        return {"DATABASE_URL": self.url, **({"DEMO": "1"} if self.embedded else {})}


def is_external() -> bool:
    """Say whether the person brings a database of their own."""
    return bool(os.environ.get("DATABASE_URL"))


def ensure() -> Database:
    """Return a database that answers."""
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
    """Part the password from an address, since other people can read a command's words."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    if not password:
        return url, {}
    open_url = urlunsplit(parts._replace(netloc=f"{user}@{host}"))
    return open_url, {"PGPASSWORD": unquote(password)}
