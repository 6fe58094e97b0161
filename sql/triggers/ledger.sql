-- The guards of the ledger. Nobody can delete or rewrite a sale, its tickets, its counters or the
-- log, by any statement: the guards are triggers, so they hold for the owner of the database in
-- psql as well. Each refuses with a sentence that says what to do instead. The only way past most
-- of them is an announced repair (sql/functions/repairs.sql).
--
-- A guard with pg_trigger_depth() = 0 in its WHEN clause applies to statements that a client sends
-- or that a function runs. It does not apply to statements that a trigger runs, so the triggers
-- that keep the counters may change them.

CREATE FUNCTION refuse_change()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END;
$$;
COMMENT ON FUNCTION refuse_change IS
    'Trigger: refuses the statement with the sentence given as its argument.';

CREATE FUNCTION refuse_change_unless_repairing()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
SET search_path = public, pg_temp
AS $$
BEGIN
    IF NOT repair_begun() THEN
        RAISE EXCEPTION '%', TG_ARGV[0]
            USING ERRCODE = 'restrict_violation',
                HINT = 'The owner of the database can announce a repair: '
                    'SELECT begin_repair(''why'').';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END;
$$;
COMMENT ON FUNCTION refuse_change_unless_repairing IS
    'Trigger: refuses the statement with the sentence given as its argument, except in a '
    'transaction that has called begin_repair().';

-- Events ---------------------------------------------------------------------------------------

CREATE TRIGGER events_begin_unsold
BEFORE INSERT ON events
FOR EACH ROW
WHEN (
    NEW.tickets_sold <> 0
    OR NEW.bookings_count <> 0
    OR NEW.revenue <> 0
    OR NEW.tickets_checked_in <> 0
    OR NEW.counted_at IS NOT NULL
    OR NEW.version <> 1
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'an event begins at version 1 with nothing sold: triggers keep its counters and its version'
);
COMMENT ON TRIGGER events_begin_unsold ON events IS
    'Counters start at zero. Also refuses a data-only restore into a migrated database.';

CREATE TRIGGER events_begin_when_written
BEFORE INSERT ON events
FOR EACH ROW
WHEN (
    NEW.updated_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
    OR NEW.created_at > clock_timestamp()
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'an event begins now: leave out its updated_at, and a created_at in the future'
);
COMMENT ON TRIGGER events_begin_when_written ON events IS
    'The first version begins when it is written. Later times follow it, and event_as_of() relies '
    'on that order.';

CREATE TRIGGER events_counters_are_kept_by_triggers
BEFORE UPDATE OF tickets_sold, bookings_count, revenue, tickets_checked_in, counted_at ON events
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'the counters of events are kept by triggers: recount_event() corrects them'
);
COMMENT ON TRIGGER events_counters_are_kept_by_triggers ON events IS
    'Nobody writes a counter by hand.';

CREATE TRIGGER events_identity_never_changes
BEFORE UPDATE OF id, created_at ON events
FOR EACH ROW
WHEN ((NEW.id, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.created_at))
EXECUTE FUNCTION refuse_change_unless_repairing('the id and created_at of an event never change');
COMMENT ON TRIGGER events_identity_never_changes ON events IS 'History refers to the id.';

CREATE TRIGGER events_version_is_kept_by_triggers
BEFORE UPDATE OF version, updated_at ON events
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'the version and updated_at of an event are kept by triggers'
);
COMMENT ON TRIGGER events_version_is_kept_by_triggers ON events IS
    'A version that could be set by hand would let one edit silently overwrite another.';

CREATE TRIGGER events_ended_is_final
BEFORE UPDATE OF status ON events
FOR EACH ROW
WHEN (OLD.status <> 'active' AND NEW.status <> OLD.status)
EXECUTE FUNCTION refuse_change_unless_repairing('a cancelled or completed event stays so');
COMMENT ON TRIGGER events_ended_is_final ON events IS 'cancelled and completed are final.';

CREATE TRIGGER events_are_never_deleted
BEFORE DELETE ON events
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change_unless_repairing('events are never deleted: cancel them');
COMMENT ON TRIGGER events_are_never_deleted ON events IS
    'An event that nobody has booked has a history, too.';

CREATE TRIGGER events_are_never_truncated
BEFORE TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('events are never truncated');
COMMENT ON TRIGGER events_are_never_truncated ON events IS
    'TRUNCATE calls none of the triggers that keep counters and history.';

-- Bookings -------------------------------------------------------------------------------------

CREATE TRIGGER bookings_counter_is_kept_by_triggers
BEFORE UPDATE OF tickets_checked_in ON bookings
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'bookings.tickets_checked_in is kept by triggers: recount_event() corrects it'
);
COMMENT ON TRIGGER bookings_counter_is_kept_by_triggers ON bookings IS
    'Nobody writes a counter by hand.';

CREATE TRIGGER bookings_sale_is_never_rewritten
BEFORE UPDATE OF
    id, user_id, event_id, quantity, unit_price, total_amount, booking_date, booked_by,
    idempotency_key
ON bookings
FOR EACH ROW
WHEN (
    (
        NEW.id, NEW.user_id, NEW.event_id, NEW.quantity, NEW.unit_price, NEW.total_amount,
        NEW.booking_date, NEW.booked_by, NEW.idempotency_key
    ) IS DISTINCT FROM (
        OLD.id, OLD.user_id, OLD.event_id, OLD.quantity, OLD.unit_price, OLD.total_amount,
        OLD.booking_date, OLD.booked_by, OLD.idempotency_key
    )
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'a sale is never rewritten: cancel the booking and book again'
);
COMMENT ON TRIGGER bookings_sale_is_never_rewritten ON bookings IS
    'Only status, cancelled_at and the counter of a booking change.';

CREATE TRIGGER bookings_cancelled_is_final
BEFORE UPDATE OF status, cancelled_at ON bookings
FOR EACH ROW
WHEN (
    OLD.status = 'cancelled'
    AND (NEW.status, NEW.cancelled_at) IS DISTINCT FROM (OLD.status, OLD.cancelled_at)
)
EXECUTE FUNCTION refuse_change_unless_repairing('a cancelled booking stays cancelled');
COMMENT ON TRIGGER bookings_cancelled_is_final ON bookings IS 'cancelled is final.';

CREATE TRIGGER bookings_are_never_deleted
BEFORE DELETE ON bookings
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change_unless_repairing('bookings are the ledger: cancel them');
COMMENT ON TRIGGER bookings_are_never_deleted ON bookings IS 'A sale never leaves the ledger.';

CREATE TRIGGER bookings_are_never_truncated
BEFORE TRUNCATE ON bookings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('bookings are the ledger: never truncated');
COMMENT ON TRIGGER bookings_are_never_truncated ON bookings IS
    'TRUNCATE calls none of the triggers that keep the counters.';

-- Tickets --------------------------------------------------------------------------------------

CREATE TRIGGER tickets_come_with_their_booking
BEFORE INSERT ON tickets
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'tickets are written with their booking: insert a booking'
);
COMMENT ON TRIGGER tickets_come_with_their_booking ON tickets IS
    'A booking has as many tickets as its quantity says.';

CREATE TRIGGER tickets_never_change_hands
BEFORE UPDATE OF id, booking_id, ticket_code ON tickets
FOR EACH ROW
WHEN (
    (NEW.id, NEW.booking_id, NEW.ticket_code)
    IS DISTINCT FROM (OLD.id, OLD.booking_id, OLD.ticket_code)
)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'a ticket keeps its id, its booking and its code'
);
COMMENT ON TRIGGER tickets_never_change_hands ON tickets IS
    'The code that a customer holds stays theirs.';

CREATE TRIGGER tickets_ended_is_final
BEFORE UPDATE OF status, used_at ON tickets
FOR EACH ROW
WHEN (
    OLD.status <> 'active'
    AND (NEW.status, NEW.used_at) IS DISTINCT FROM (OLD.status, OLD.used_at)
)
EXECUTE FUNCTION refuse_change_unless_repairing('a used or cancelled ticket stays so');
COMMENT ON TRIGGER tickets_ended_is_final ON tickets IS 'used and cancelled are final.';

CREATE TRIGGER tickets_are_cancelled_with_their_booking
BEFORE UPDATE OF status ON tickets
FOR EACH ROW
WHEN (NEW.status = 'cancelled' AND OLD.status = 'active' AND pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing(
    'tickets are cancelled with their booking: cancel the booking'
);
COMMENT ON TRIGGER tickets_are_cancelled_with_their_booking ON tickets IS
    'A confirmed booking holds no cancelled ticket.';

CREATE TRIGGER tickets_are_never_deleted
BEFORE DELETE ON tickets
FOR EACH STATEMENT
EXECUTE FUNCTION refuse_change_unless_repairing(
    'tickets are the ledger: cancel their booking'
);
COMMENT ON TRIGGER tickets_are_never_deleted ON tickets IS 'A ticket never leaves the ledger.';

CREATE TRIGGER tickets_are_never_truncated
BEFORE TRUNCATE ON tickets
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('tickets are the ledger: never truncated');
COMMENT ON TRIGGER tickets_are_never_truncated ON tickets IS
    'TRUNCATE calls none of the triggers that keep the counters.';

-- Search words -----------------------------------------------------------------------------------

CREATE TRIGGER event_words_are_kept_by_triggers
BEFORE INSERT OR UPDATE OR DELETE ON event_words
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing('event_words is kept by triggers on events');
COMMENT ON TRIGGER event_words_are_kept_by_triggers ON event_words IS
    'A word with a wrong count is no longer found, or is found for ever.';

-- The log, the history, and the repairs ----------------------------------------------------------

CREATE TRIGGER activity_is_append_only
BEFORE UPDATE OR DELETE ON activity
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_unless_repairing('activity is append-only');
COMMENT ON TRIGGER activity_is_append_only ON activity IS 'Nobody rewrites the log.';

CREATE TRIGGER activity_is_never_truncated
BEFORE TRUNCATE ON activity
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('activity is append-only');
COMMENT ON TRIGGER activity_is_never_truncated ON activity IS 'Nobody empties the log.';

CREATE TRIGGER event_versions_are_written_by_triggers
BEFORE INSERT ON event_versions
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing('event_versions is written by triggers');
COMMENT ON TRIGGER event_versions_are_written_by_triggers ON event_versions IS
    'Nobody invents a past.';

CREATE TRIGGER event_versions_are_append_only
BEFORE UPDATE OR DELETE ON event_versions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_unless_repairing('event_versions is append-only');
COMMENT ON TRIGGER event_versions_are_append_only ON event_versions IS 'Nobody rewrites history.';

CREATE TRIGGER event_versions_are_never_truncated
BEFORE TRUNCATE ON event_versions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('event_versions is append-only');
COMMENT ON TRIGGER event_versions_are_never_truncated ON event_versions IS
    'Nobody empties the history.';

CREATE TRIGGER event_figures_are_written_by_triggers
BEFORE INSERT ON event_figures
FOR EACH STATEMENT
WHEN (pg_trigger_depth() = 0)
EXECUTE FUNCTION refuse_change_unless_repairing('event_figures is written by triggers');
COMMENT ON TRIGGER event_figures_are_written_by_triggers ON event_figures IS
    'Nobody invents a past.';

CREATE TRIGGER event_figures_are_append_only
BEFORE UPDATE OR DELETE ON event_figures
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_unless_repairing('event_figures is append-only');
COMMENT ON TRIGGER event_figures_are_append_only ON event_figures IS 'Nobody rewrites history.';

CREATE TRIGGER event_figures_are_never_truncated
BEFORE TRUNCATE ON event_figures
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('event_figures is append-only');
COMMENT ON TRIGGER event_figures_are_never_truncated ON event_figures IS
    'Nobody empties the history.';

CREATE TRIGGER repairs_are_of_their_own_transaction
BEFORE INSERT ON repairs
FOR EACH ROW
WHEN (
    NEW.transaction_id IS DISTINCT FROM pg_current_xact_id()
    OR NEW.at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
    OR NEW.login IS DISTINCT FROM session_user::text
)
EXECUTE FUNCTION refuse_change(
    'a repair is announced in its own transaction and name: SELECT begin_repair(''why'')'
);
COMMENT ON TRIGGER repairs_are_of_their_own_transaction ON repairs IS
    'A repair row can only name the transaction, the time and the login of the statement that '
    'inserts it. So this also refuses a data-only restore into a migrated database.';

CREATE TRIGGER repairs_are_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON repairs
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('repairs is append-only');
COMMENT ON TRIGGER repairs_are_append_only ON repairs IS 'A repair cannot remove its own record.';
