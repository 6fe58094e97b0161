-- Commits, and so waits until the synchronous standby has everything that was committed before.
SELECT wait_for_standby_at_commit();
