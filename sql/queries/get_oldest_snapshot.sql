SELECT oldest_snapshot_seconds();
