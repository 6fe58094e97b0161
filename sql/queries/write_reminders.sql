SELECT write_reminders();
