-- Takes 0070_failing_mails back.

DROP FUNCTION retry_mail;
DROP VIEW failing_mails;
