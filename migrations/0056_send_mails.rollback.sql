-- Mails stay unsent, and links that were mailed end to be valid.

DROP FUNCTION write_reminders;
DROP FUNCTION reset_password;
DROP FUNCTION request_password_reset;
DROP FUNCTION unsubscribe;
DROP FUNCTION set_optional_mail;
DROP FUNCTION verify_email;
DROP FUNCTION set_email;
DROP FUNCTION send_verification;
DROP FUNCTION use_link;
DROP FUNCTION end_mails;
DROP FUNCTION finish_mail;
DROP FUNCTION next_mail_attempt;
DROP FUNCTION claim_mails;
DROP FUNCTION link_of_mail;
DROP FUNCTION is_optional_mail;

DROP TABLE event_reminders;
DROP TABLE mail_links;

DROP TYPE link_purpose;
