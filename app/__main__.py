"""Serve: `python -m app`."""

import os
import signal
import sys
import tempfile
from contextlib import suppress

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app import logs
from app.http import descriptors
from app.settings import LOG_KEY, METRICS_DIRECTORY, Settings

SHUTDOWN_SECONDS = 15
log = structlog.get_logger("marquee")


def main() -> None:
    """Serve until told to stop, with one process for each core."""
    settings = Settings.load()
    logs.configure()
    descriptors.raise_limit()
    if settings.public_url is None and not settings.on_loopback:
        log.warning(
            "PUBLIC_URL is not set",
            advice="Set it to the address people use. Until then every Host is accepted, and the"
            " session's cookie is Secure only where a trusted proxy says https.",
        )
    if settings.database_certificate_unchecked:
        log.warning(
            "the certificate of the database is not checked",
            advice="Add sslmode=verify-full to DATABASE_URL. Until then, anyone between this server"
            " and the database can read and change what they say.",
        )
    # The workers read the settings again: they must have the same key.
    os.environ[LOG_KEY] = settings.log_key.get_secret_value()
    with tempfile.TemporaryDirectory(prefix="marquee-metrics-") as directory:
        # Set this before a worker imports the metrics, which then keeps them in this folder.
        os.environ[METRICS_DIRECTORY] = directory
        _serve(settings)


class Supervisor(Multiprocess):
    """Keeps the workers alive, and accepts no connection while it ends them."""

    def terminate_all(self) -> None:
        """Stop listening, then ask the workers to end.

        While the socket of this process is open, clients can still connect, and nobody would answer
        them.
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
        # Paths hold ticket codes, so the application writes its own line for each request.
        access_log=False,
        log_config=None,
        # Given by name, so that the import comes later: it also imports the metrics, which need
        # their folder.
        http="app.http.wire:Wire",
        ws="none",
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=[str(network) for network in settings.trusted_proxies],
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    if config.workers > 1:
        Supervisor(config, [config.bind_socket()]).run()
        return
    server = uvicorn.Server(config)
    # When it has stopped, uvicorn raises the signal again: that must not end this process before
    # it has tidied up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


if __name__ == "__main__":
    main()
