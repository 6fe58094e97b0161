-- notices: what a customer is told. One row a customer and matter, so that nobody is told twice.

CREATE TABLE notices (
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    user_id    bigint      NOT NULL,
    kind       notice_kind NOT NULL,
    event_id   bigint      NOT NULL,
    booking_id bigint,                        -- NULL: not about one booking
    matter     text COLLATE "C" NOT NULL,
    detail     jsonb       NOT NULL DEFAULT '{}',
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    read_at    timestamptz,                   -- NULL: not read yet
    CONSTRAINT notices_pkey PRIMARY KEY (id),
    CONSTRAINT notices_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT notices_once_for_each_matter UNIQUE (user_id, matter),
    CONSTRAINT notices_detail_is_object CHECK (jsonb_typeof(detail) = 'object')
);

-- get_unread_notices.sql, mark_notices_read(): what a customer has not read yet.
CREATE INDEX notices_unread ON notices (user_id, id) WHERE read_at IS NULL;
-- list_notices.sql
CREATE INDEX notices_by_user ON notices (user_id, id);

COMMENT ON TABLE notices IS
    'What customers are told in the app, and by mail if they have given an address.';
COMMENT ON COLUMN notices.event_id IS
    'The event it is about. No foreign key: it would lock the row that every sale updates.';
COMMENT ON COLUMN notices.booking_id IS 'NULL: it is not about one booking.';
COMMENT ON COLUMN notices.matter IS
    'What it is about, such as activity/4711. A customer is told of a matter once.';
COMMENT ON COLUMN notices.detail IS
    'What its text needs: was and became of a changed event, the text of a message.';
COMMENT ON COLUMN notices.read_at IS 'When the customer saw it in the app. NULL: not yet.';
COMMENT ON INDEX notices_unread IS
    'For get_unread_notices and mark_notices_read. Partial: most are read.';
COMMENT ON INDEX notices_by_user IS 'For list_notices.';
