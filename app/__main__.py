"""Serve: `python -m app`."""

import os
import tempfile

import uvicorn

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


def _serve(settings: Settings) -> None:
    uvicorn.run(
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


if __name__ == "__main__":
    main()
