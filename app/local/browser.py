"""The browser that the end-to-end tests drive: any Chromium or Chrome of the system."""

import os
import shutil
from pathlib import Path

from app.local.console import LocalError, step
from app.local.programs import run

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find() -> Path | None:
    """Return the browser that CHROMIUM names, or else an installed one."""
    if chosen := os.environ.get("CHROMIUM"):
        return Path(chosen)
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    return _MAC if _MAC.exists() else None


def ensure() -> None:
    """Install Debian's Chromium when there is no browser; raise LocalError when it cannot."""
    if find() is not None:
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise LocalError(
            "The browser tests need Chromium or Chrome, and neither is installed.\n"
            "On Debian: apt-get install chromium fonts-liberation\n"
            "On another system, install any Chromium. If it is not on PATH, set"
            " CHROMIUM=/path/to/it."
        )
    with step("Installing Chromium with apt-get"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        what = "Installing Chromium"
        run([apt, "-qq", "update"], what=what, variables=quiet)
        packages = ("chromium", "fonts-liberation")
        install = [apt, "-qq", "install", "-y", "--no-install-recommends", *packages]
        run(install, what=what, variables=quiet)
