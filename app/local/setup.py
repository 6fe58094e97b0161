"""Run a command that sets up this checkout. Only one runs at a time.

The Makefile runs `make` through this module, before the environment exists.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from app.local.console import LocalError, say
from app.local.locks import alone
from app.local.paths import FRONTEND, LOCAL, ROOT, VENV


def run(command: Sequence[str]) -> int:
    """Run the command while no other `make` sets up this checkout; return its status."""
    with alone(LOCAL / "setup.lock"):
        if VENV.exists() and not is_usable(VENV):
            say("The environment in .venv does not work here and is created again.")
            shutil.rmtree(VENV)
        if not VENV.exists():
            check_venv_module()
        return subprocess.run(command, cwd=ROOT, check=False).returncode


def check_owner() -> None:
    """Refuse to mix the files of two people in one checkout."""
    if os.geteuid() == 0:
        return
    frontend = (FRONTEND / "node_modules", FRONTEND / "dist")
    for path in (ROOT, VENV, *frontend, LOCAL, *LOCAL.glob("*")):
        if path.exists() and path.stat().st_uid != os.geteuid():
            owner = _user_name(path.stat().st_uid)
            me = _user_name(os.geteuid())
            raise LocalError(
                f"{path} belongs to {owner}, and you are {me}.\n"
                f"Run this as {owner}, use a clone of your own,"
                f" or make it yours: sudo chown -R {me} {ROOT}"
            )


def check_venv_module() -> None:
    """Refuse a Python that cannot create environments: Debian puts that into another package."""
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise LocalError(
            f"This Python ({sys.executable}) cannot create virtual environments.\n"
            f"On Debian and Ubuntu: apt-get install python{version}-venv"
        )


def is_usable(venv: Path) -> bool:
    """Return whether the environment was made here and its Python still works.

    The scripts of an environment that was moved run the Python of its old place. An environment
    also breaks when the Python that made it is removed from the system.
    """
    try:
        made_by = (venv / "pyvenv.cfg").read_text()
        result = subprocess.run([venv / "bin" / "python", "-c", ""], check=False)
    except OSError:
        return False
    return f" {venv}\n" in made_by and result.returncode == 0


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
