"""Run uv with the settings of pip, which uv does not read: `python -m app.local.uv pip ...`.

Where pip is told to use another index, a folder of wheels or a certificate, uv uses it as well.
"""

import ast
import os
import ssl
import subprocess
import sys
from collections.abc import Mapping

from app.local.paths import VENV, VENV_BIN

# Each setting of pip, the variable of uv with the same meaning, and what separates its values.
_VARIABLES = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "proxy": ("ALL_PROXY", " "),
}
# A setting of a later section overrides the same setting of an earlier one.
_SECTIONS = ("global", "install", ":env:")


def main() -> None:
    """Replace this process with uv."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    settings = pip_settings(listed.stdout)
    command = [str(VENV_BIN / "uv"), *sys.argv[1:], *uv_options(settings)]
    variables = {**uv_variables(settings), **os.environ, "VIRTUAL_ENV": str(VENV)}
    os.execve(command[0], command, variables)  # noqa: S606


def pip_settings(listed: str) -> dict[str, str]:
    """Return the settings that `pip config list` printed, as `pip install` would use them."""
    found: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        section, _, setting = name.rpartition(".")
        if section in found:
            found[section][setting] = str(ast.literal_eval(value))
    return {name: value for section in _SECTIONS for name, value in found[section].items()}


def uv_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that make uv find packages where pip finds them."""
    # Like pip, uv then takes a package from any index that has it. The hashes in the lock files
    # show that it is the right one.
    variables = {"UV_INDEX_STRATEGY": "unsafe-best-match"}
    if ssl.get_default_verify_paths().cafile:
        variables["UV_SYSTEM_CERTS"] = "true"
    for setting, (variable, separator) in _VARIABLES.items():
        if values := settings.get(setting, "").split():
            variables[variable] = separator.join(values)
    return variables


def uv_options(settings: Mapping[str, str]) -> list[str]:
    """Return the options for settings that uv reads from no variable."""
    no_index = settings.get("no-index", "").lower() in {"1", "on", "true", "yes"}
    return ["--no-index"] if no_index else []


if __name__ == "__main__":
    main()
