-- :error NULL: the mail server took it.
SELECT finish_mail(:mail_id, :error);
