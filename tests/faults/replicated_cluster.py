"""A primary, and a synchronous standby that has every commit."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from app.local import ports
from app.local.postgres import Cluster, find_binaries, throw_away_cluster
from tests.faults.relay import Relay, running_relay

WAIT_SECONDS = 60
STANDBY = "standby"


class ReplicatedCluster:
    """A primary and its standby, which change roles in a failover."""

    def __init__(self, primary: Cluster, standby: Cluster) -> None:
        self.primary = primary
        self.standby = standby
        self._relays = ExitStack()
        self.relay = self._build_standby()

    def close(self) -> None:
        """Stop the relay between the two servers."""
        self._relays.close()

    def url(self, database: str, user: str) -> str:
        """Return a URL that leads to the server that accepts writes."""
        hosts = ",".join(f"{ports.LOOPBACK}:{one.port}" for one in (self.primary, self.standby))
        return f"postgresql://{user}@{hosts}/{database}?target_session_attrs=read-write"

    def promote(self) -> None:
        """Promote the standby; the old primary must be dead or frozen."""
        assert self.standby.psql(f"SELECT pg_promote(true, {WAIT_SECONDS})").strip() == "t"
        self.primary, self.standby = self.standby, self.primary

    def rebuild(self) -> None:
        """Rebuild the former primary as a standby, on its port."""
        self.standby.kill()
        shutil.rmtree(self.standby.data)
        self.close()
        self.relay = self._build_standby()

    def _build_standby(self) -> Relay:
        """Copy the primary, and replicate from it through the relay that is returned."""
        relay = self._relays.enter_context(running_relay(self.primary.port))
        account = self.primary._account()
        for folder in (self.standby.data, self.standby.log.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.chown(folder, account.uid, account.gid)
        source = f"host={ports.LOOPBACK} port={relay.port} user=postgres"
        copied = account.run(
            [
                find_binaries() / "pg_basebackup",
                *("-D", self.standby.data, "-R", "-X", "stream", "-c", "fast"),
                *("-d", f"{source} application_name={STANDBY}"),
            ]
        )
        assert copied.returncode == 0, copied.stdout
        self.standby.start()
        self.primary.psql(f"ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}';")
        self.primary.psql("SELECT pg_reload_conf();")
        deadline = time.monotonic() + WAIT_SECONDS
        while self.primary.psql("SELECT sync_state FROM pg_stat_replication").strip() != "sync":
            assert time.monotonic() < deadline, "the standby does not follow"
            time.sleep(0.05)
        return relay


@contextmanager
def running_replicated_cluster(options: Mapping[str, str]) -> Iterator[ReplicatedCluster]:
    """Run both servers; when leaving, stop and delete them."""
    folder = Path(tempfile.mkdtemp(prefix="marquee-"))
    folder.chmod(0o711)
    other = Cluster(folder, options=options)
    try:
        with throw_away_cluster(options, in_memory=False) as first:
            replicated = ReplicatedCluster(first, other)
            try:
                yield replicated
            finally:
                replicated.close()
    finally:
        other.remove()
