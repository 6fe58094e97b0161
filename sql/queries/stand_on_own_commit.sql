-- Waits until the synchronous standby has everything that is committed now.
SELECT stand_on_own_commit();
