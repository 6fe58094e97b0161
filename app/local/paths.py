"""Where things are in a checkout."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
VENV = ROOT / ".venv"
VENV_BIN = VENV / "bin"
VENV_PYTHON = VENV_BIN / "python"
FRONTEND = ROOT / "frontend"


def environment(**more: str) -> dict[str, str]:
    """Return the variables for a program of the project: its own tools come first on PATH."""
    path = os.pathsep.join([str(VENV_BIN), os.environ.get("PATH", os.defpath)])
    # Without NG_CLI_ANALYTICS, Angular asks a question in the middle of the build.
    return {**os.environ, "PATH": path, "NG_CLI_ANALYTICS": "false", **more}


def search_path() -> list[str]:
    """Return the folders with packages: those of this interpreter and of the environment."""
    return [*sys.path, *map(str, VENV.glob("lib/python3.*/site-packages"))]
