"""The account that runs PostgreSQL, which refuses to run as root."""

import os
import pwd
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.local.console import LocalError


@dataclass(frozen=True)
class Account:
    """The account that starts PostgreSQL's programs and owns its data folder."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def run(
        self, command: Sequence[str | Path], *, timeout: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end with its output captured."""
        own = self.uid == os.geteuid()
        return subprocess.run(
            [*self.prefix, *map(str, command)],
            cwd="/",
            env=plain_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            start_new_session=True,
            user=None if own else self.uid,
            group=None if own else self.gid,
            extra_groups=None if own else [],
        )

    def can_use(self, binaries: Path, folder: Path) -> bool:
        """Say whether the account can run the programs and enter the folder."""
        try:
            return (
                self.run([binaries / "postgres", "--version"]).returncode == 0
                and self.run(["test", "-x", folder]).returncode == 0
            )
        except PermissionError:
            return False


def account_for(binaries: Path, folder: Path, data: Path) -> Account:
    """Return the caller's own account; for root, one that owns the data or can reach the folder."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for account in _accounts_for_root(data):
        if account.can_use(binaries, folder):
            return account
    raise LocalError(
        f"PostgreSQL does not run as root, and no other account can reach {folder}.\n"
        "Run this as an ordinary user who owns the project,"
        " or move the project to a folder that every account may enter."
    )


def _accounts_for_root(data: Path) -> Iterator[Account]:
    # Root in the system, but not in a user namespace: PostgreSQL starts there, and can enter the
    # folders that only root may enter.
    unprivileged = Account(0, 0, ("unshare", "--user", "--map-user=65534", "--map-group=65534"))
    if data.exists():
        owner = data.stat()
        yield unprivileged if owner.st_uid == 0 else Account(owner.st_uid, owner.st_gid)
        return
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        yield Account(entry.pw_uid, entry.pw_gid)
    yield unprivileged


def plain_environment() -> dict[str, str]:
    """Return the environment without what changes where programs connect, or their language."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}
