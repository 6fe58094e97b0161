-- event_reminders: the dates of events of which all guests were reminded. An event that is moved
-- has another date, and its guests are reminded of that as well.

CREATE TABLE event_reminders (
    event_id  bigint         NOT NULL,
    date_time timestamptz(0) NOT NULL,
    CONSTRAINT event_reminders_pkey PRIMARY KEY (event_id, date_time)
);

COMMENT ON TABLE event_reminders IS
    'The dates of events of which guests were reminded, until the date is past.';
COMMENT ON COLUMN event_reminders.event_id IS
    'The event. No foreign key: it would lock the row that every sale updates.';
COMMENT ON COLUMN event_reminders.date_time IS 'When the event was to start.';
