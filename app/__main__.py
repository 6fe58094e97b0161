"""Serve: `python -m app`."""

import os
import signal
import sys
import tempfile
from contextlib import suppress

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.settings import Settings

SHUTDOWN_SECONDS = 15
METRICS_DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"


def main() -> None:
    """Serve until told to stop, with one process a core."""
    settings = Settings()
    with tempfile.TemporaryDirectory(prefix="marquee-metrics-") as directory:
        # Before a worker imports the metrics: they are kept there from then on.
        os.environ[METRICS_DIRECTORY] = directory
        _serve(settings)


class Supervisor(Multiprocess):
    """Keeps the workers alive, and lets nobody in when it ends them."""

    def terminate_all(self) -> None:
        """Stop listening, then ask the workers to end.

        With this process's socket open newcomers would still be let in, to wait for nobody.
        """
        for listening in self.sockets:
            listening.close()
        super().terminate_all()


def _serve(settings: Settings) -> None:
    config = uvicorn.Config(
        "app.main:app",
        host=settings.host,
        port=settings.port,
        workers=settings.workers or os.cpu_count(),
        # Paths hold ticket codes: the application writes its own line a request.
        access_log=False,
        log_config=None,
        # There are none; uvicorn would write the path of an attempt.
        ws="none",
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    if config.workers > 1:
        Supervisor(config, [config.bind_socket()]).run()
        return
    server = uvicorn.Server(config)
    # When it has stopped, uvicorn raises the signal anew: that must not end this process before
    # it has tidied up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


if __name__ == "__main__":
    main()
