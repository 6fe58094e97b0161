"""The Python packages of a server as a CycloneDX document: `python -m app.local.sbom FILE`.

uv writes the document for projects with a lock file of its own (uv.lock), so it is given one that
depends on exactly what requirements.lock pins.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from app.local.paths import ROOT

LOCK = ROOT / "requirements.lock"
PIN = re.compile(r"^([a-z0-9-]+==[^\\\n]+?) *\\?$", re.MULTILINE)


def project_of(lock: str) -> str:
    """Return a pyproject.toml that depends on what a lock file pins."""
    # JSON's arrays and strings are TOML's as well.
    return (
        '[project]\nname = "marquee"\nversion = "0"\nrequires-python = ">=3.11"\n'
        f"dependencies = {json.dumps(PIN.findall(lock))}\n"
    )


def main() -> None:
    """Write the document."""
    target = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "pyproject.toml").write_text(project_of(LOCK.read_text()))
        uv = [sys.executable, "-m", "app.local.uv", "export", "--quiet", "--project", folder]
        options = ["--format", "cyclonedx1.5", "--no-emit-project", "--output-file", str(target)]
        subprocess.run([*uv, *options], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
