"""Running the project's other programs."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from app.local.console import LocalError
from app.local.paths import ROOT, VENV_PYTHON, environment


def run(
    command: Sequence[str | Path],
    *,
    what: str,
    cwd: Path = ROOT,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run a program and show its output; `what` names it in the message when it fails."""
    result = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment(**(variables or {})),
        check=False,
    )
    if result.returncode != 0:
        raise LocalError(f"{what} failed; the reason is above.")


def run_module(
    module: str, *arguments: str, what: str, variables: Mapping[str, str] | None = None
) -> None:
    """Run a Python module of the project with the installed packages."""
    run([VENV_PYTHON, "-m", module, *arguments], what=what, variables=variables)
