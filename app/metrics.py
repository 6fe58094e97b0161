"""What operators watch: Prometheus metrics, over all API processes of this server.

Each process writes its numbers to a file in PROMETHEUS_MULTIPROC_DIR, which `python -m app` sets;
the process that is asked adds them up. See https://prometheus.github.io/client_python/multiprocess/.
"""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Histogram(
    "marquee_request_seconds",
    "Time to answer a request.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
BOOKINGS = Counter("marquee_bookings", "Booking requests by result.", ["outcome"])
BATCHES = Histogram(
    "marquee_batch_size",
    "Requests in one batch.",
    ["batch"],
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 200),
)
WAITING = Gauge(
    "marquee_waiting_requests",
    "Requests waiting for the next batch.",
    ["batch"],
    multiprocess_mode="livesum",
)
MAILS = Counter("marquee_mails", "Attempts to send a mail by result: sent or failed.", ["outcome"])
MAILS_WAITING = Gauge(
    "marquee_mails_waiting",
    "Mails that are due now or later. NaN: not known.",
    multiprocess_mode="mostrecent",
)
MAILS_GIVEN_UP = Gauge(
    "marquee_mails_given_up",
    "Mails whose last attempt failed in the last seven days. NaN: not known.",
    multiprocess_mode="mostrecent",
)
CONNECTIONS = Gauge(
    "marquee_database_connections_in_use",
    "Connections of the pools that are running a statement.",
    multiprocess_mode="livesum",
)
COMMITS_HANG = Gauge(
    "marquee_commits_hang",
    "Processes that refuse changes because commits hang. The standby may be away.",
    multiprocess_mode="livesum",
)
OLDEST_SNAPSHOT = Gauge(
    "marquee_database_oldest_snapshot_seconds",
    "Age of the oldest snapshot. Sales are slower while it is held. NaN: not known.",
    multiprocess_mode="mostrecent",
)
FACTS_LAG = Gauge(
    "marquee_facts_lag_seconds",
    "Age of the oldest fact that was not read for webhooks and notices. NaN: not known.",
    multiprocess_mode="mostrecent",
)
DELIVERIES_WAITING = Gauge(
    "marquee_webhook_deliveries_waiting",
    "Deliveries to webhooks that are due now or later. NaN: not known.",
    multiprocess_mode="mostrecent",
)
ENDPOINTS_FAILING = Gauge(
    "marquee_webhook_endpoints_failing",
    "Webhook endpoints whose last delivery failed. NaN: not known.",
    multiprocess_mode="mostrecent",
)
