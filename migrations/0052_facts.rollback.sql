-- Notices and mails go, and so do the endpoints of webhooks with what was not sent yet.

DROP FUNCTION replay_facts;
DROP FUNCTION finish_delivery;
DROP FUNCTION next_webhook_attempt;
DROP FUNCTION claim_deliveries;
DROP FUNCTION resume_facts;
DROP FUNCTION pause_restored_facts;
DROP FUNCTION fan_out_facts;
DROP FUNCTION deliver_facts;
DROP FUNCTION wants_fact;
DROP FUNCTION next_facts;
DROP FUNCTION this_database;
DROP FUNCTION write_notices;
DROP FUNCTION tell_customers;
DROP FUNCTION notice_text;
DROP FUNCTION changes_for_people;
DROP FUNCTION date_for_people;
DROP FUNCTION guests_at;
DROP FUNCTION tells_guests;
DROP FUNCTION fact_body;
DROP VIEW facts;
DROP FUNCTION public_changes;

DROP TABLE mails;
DROP TABLE notices;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_endpoints;
DROP TABLE fact_cursors;

ALTER TABLE users
    DROP COLUMN optional_mail,
    DROP COLUMN email_verified_at,
    DROP COLUMN email;

DROP FUNCTION webhook_types;
DROP TYPE mail_purpose;
DROP TYPE notice_kind;
DROP FUNCTION is_mail_address;
