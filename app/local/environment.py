"""The Python environment in .venv, made to equal a lock file."""

import hashlib
import importlib.util
import json
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final, Literal

from app.local.console import LocalError, say, step
from app.local.locks import alone
from app.local.paths import FRONTEND, LOCAL, ROOT, VENV, VENV_PYTHON
from app.local.programs import run

RUN: Final = "requirements.lock"
DEVELOPMENT: Final = "requirements-dev.lock"
LockFile = Literal["requirements.lock", "requirements-dev.lock"]

_STAMP = VENV / "installed.json"


def ensure(lock_file: LockFile) -> None:
    """Install what the lock file says, unless it is installed."""
    with alone(LOCAL / "setup.lock"):
        if is_current(read_stamp(_STAMP), lock_file, ROOT) and _python_works():
            say("Python packages: up to date")
            return
        _STAMP.unlink(missing_ok=True)
        if not _venv_works():
            with step("Making the Python environment in .venv"):
                _make_venv()
        with step(f"Installing Python packages from {lock_file}"):
            _install(lock_file)
        write_stamp(_STAMP, new_stamp(lock_file, ROOT))


def check_owner() -> None:
    """Refuse to mix two people's files in one checkout."""
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


def new_stamp(lock_file: LockFile, root: Path) -> dict[str, str]:
    """Describe what was installed; the development lock file holds all of the other."""
    contained = [RUN] if lock_file == RUN else [RUN, DEVELOPMENT]
    return {"root": str(root), **{name: _digest(root / name) for name in contained}}


def is_current(stamp: dict[str, str], lock_file: LockFile, root: Path) -> bool:
    """Say whether what was installed is what the lock file says, here and not elsewhere."""
    return stamp.get("root") == str(root) and stamp.get(lock_file) == _digest(root / lock_file)


def read_stamp(path: Path) -> dict[str, str]:
    """Return the last finished installation's description, empty if there is none."""
    try:
        stamp = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(path: Path, stamp: dict[str, str]) -> None:
    """Record a finished installation."""
    path.write_text(json.dumps(stamp, indent=2))


def check_venv_module() -> None:
    """Refuse a Python that Debian ships without what makes environments."""
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise LocalError(
            f"This Python ({sys.executable}) cannot make environments.\n"
            f"On Debian and Ubuntu: apt-get install python{version}-venv"
        )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _python_works() -> bool:
    """Notice a Python that was removed from the system under the environment."""
    try:
        return subprocess.run([VENV_PYTHON, "-c", ""], check=False).returncode == 0
    except OSError:
        return False


def _venv_works() -> bool:
    """Notice a half-made environment, and one made elsewhere whose scripts point there."""
    try:
        made_by = (VENV / "pyvenv.cfg").read_text()
        check = [str(VENV_PYTHON), "-m", "pip", "--version"]
        result = subprocess.run(check, check=False, capture_output=True)
    except OSError:
        return False
    return f"venv {VENV}\n" in made_by and result.returncode == 0


def _make_venv() -> None:
    check_venv_module()
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", VENV], what="Making the Python environment")


def _install(lock_file: LockFile) -> None:
    options = ["-qq", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    run(
        [VENV_PYTHON, "-m", "pip", "install", *options, "-r", lock_file],
        what="Installing Python packages",
    )


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
