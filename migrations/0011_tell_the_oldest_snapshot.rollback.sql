-- Takes 0011_tell_the_oldest_snapshot back.

DROP FUNCTION oldest_snapshot_seconds();
