-- The next slice of the sweep, if it is due: ten seconds after the last one, and ten minutes after
-- the last pass, whichever API process asks.
SELECT sweep_integrity()
WHERE NOT EXISTS (
    SELECT
    FROM integrity_sweep
    WHERE slice_at > now() - CASE
        WHEN area IS NULL THEN interval '10 minutes'
        ELSE interval '10 seconds'
    END
);
