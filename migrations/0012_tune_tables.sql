-- Bookings and tickets keep room on each page for the update of a check-in, and are vacuumed before
-- a fifth of them has changed. The order of idempotency keys is that of code points, which no new
-- version of the operating system's library changes: the index that prevents a second booking for
-- one key is never in the wrong order after an upgrade. Building it again and checking the keys
-- takes some seconds for a million of them, and bookings wait meanwhile.
-- depends: 0011_narrow_rights
-- squawk-ignore-file ban-drop-constraint, changing-column-type, constraint-missing-not-valid

ALTER TABLE bookings SET (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.02
);
ALTER TABLE tickets SET (
    fillfactor = 90,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.02
);
ALTER TABLE bookings
    DROP CONSTRAINT bookings_idempotency_key_visible_ascii,
    ALTER COLUMN idempotency_key TYPE text COLLATE "C",
    ADD CONSTRAINT bookings_idempotency_key_visible_ascii CHECK (
        char_length(idempotency_key) BETWEEN 1 AND 64 AND idempotency_key !~ '[^!-~]'
    );
