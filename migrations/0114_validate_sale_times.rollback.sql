-- Takes 0114_validate_sale_times back.

ALTER TABLE events
    DROP CONSTRAINT events_sale_ends_after_it_starts,
    DROP CONSTRAINT events_sale_starts_before_event,
    DROP CONSTRAINT events_sale_ends_before_event,
    DROP CONSTRAINT events_sale_times_after_1999,
    ADD CONSTRAINT events_sale_ends_after_it_starts CHECK (sale_ends_at > sale_starts_at) NOT VALID,
    ADD CONSTRAINT events_sale_starts_before_event CHECK (sale_starts_at < date_time) NOT VALID,
    ADD CONSTRAINT events_sale_ends_before_event CHECK (sale_ends_at <= date_time) NOT VALID,
    ADD CONSTRAINT events_sale_times_after_1999 CHECK (
        sale_starts_at >= timestamptz '2000-01-01 00:00:00+00'
        AND sale_ends_at >= timestamptz '2000-01-01 00:00:00+00'
    ) NOT VALID;
