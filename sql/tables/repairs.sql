-- repairs: the announced exceptions. The ledger, its counters and its log refuse to be rewritten,
-- even by the owner. Once in ten years it must be done all the same: a court orders an erasure, a
-- disk has flipped a bit, an old ledger is imported. begin_repair() writes a row here first, and
-- for the rest of that transaction the guards let the owner through.

CREATE TABLE repairs (
    id             bigint      GENERATED ALWAYS AS IDENTITY,
    at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    transaction_id xid8        NOT NULL DEFAULT pg_current_xact_id(),
    login          text        NOT NULL DEFAULT session_user,
    reason         text        NOT NULL,
    CONSTRAINT repairs_pkey PRIMARY KEY (id),
    CONSTRAINT repairs_reason_not_blank CHECK (NOT is_blank(reason))
);

-- repair_begun(): asked by every guard that is about to refuse.
CREATE INDEX repairs_by_transaction ON repairs (transaction_id);

COMMENT ON TABLE repairs IS
    'Append-only log of transactions that were allowed to rewrite the ledger. Written by '
    'begin_repair().';
COMMENT ON COLUMN repairs.at IS 'When the repair was announced.';
COMMENT ON COLUMN repairs.transaction_id IS
    'The transaction that was let through. Means nothing after a restore into another cluster.';
COMMENT ON COLUMN repairs.login IS 'The database login that did it.';
COMMENT ON COLUMN repairs.reason IS 'Why, in the words of the person who did it.';
COMMENT ON INDEX repairs_by_transaction IS 'For repair_begun.';
