-- Takes 0004_history_from_before back: nothing to do. What it added goes with its tables, when
-- 0003_guard_the_ledger is taken back.

DO $$ BEGIN END; $$;
