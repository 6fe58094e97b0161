"""Processes of this machine."""

import subprocess
from pathlib import Path


def command_line(pid: int) -> str:
    """Return the command line of a process. It is empty when the process has ended."""
    if not Path("/proc/self/cmdline").exists():
        listed = ["ps", "-o", "args=", "-p", str(pid)]
        return subprocess.run(listed, capture_output=True, text=True, check=False).stdout
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return words.replace(b"\0", b" ").decode(errors="replace")
