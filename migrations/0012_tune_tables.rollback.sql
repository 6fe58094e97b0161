-- Takes 0012_tune_tables back.

ALTER TABLE bookings
    DROP CONSTRAINT bookings_idempotency_key_visible_ascii,
    ALTER COLUMN idempotency_key TYPE text COLLATE "default",
    ADD CONSTRAINT bookings_idempotency_key_visible_ascii CHECK (
        char_length(idempotency_key) BETWEEN 1 AND 64 AND idempotency_key !~ '[^!-~]'
    );
ALTER TABLE tickets RESET (
    fillfactor,
    autovacuum_vacuum_scale_factor,
    autovacuum_vacuum_insert_scale_factor
);
ALTER TABLE bookings RESET (
    fillfactor,
    autovacuum_vacuum_scale_factor,
    autovacuum_vacuum_insert_scale_factor
);
