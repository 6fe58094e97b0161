SELECT purge(:at_most, :mail_days, :notice_days);
