"""A PostgreSQL server whose processes are stopped: alive, but without any answer."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from app.local.postgres import Cluster


@asynccontextmanager
async def frozen(cluster: Cluster) -> AsyncIterator[None]:
    """Stop every process of a server, which looks like a disk that does not answer."""
    main = int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
    os.kill(main, signal.SIGSTOP)
    processes = await asyncio.to_thread(_children, main)
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in [*processes, main]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


def _children(parent: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = [line.split() for line in listed.stdout.splitlines()]
    return [int(pid) for pid, of in pairs if int(of) == parent]
