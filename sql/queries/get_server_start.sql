-- Tells one server from another behind the same address.
SELECT pg_postmaster_start_time();
