SELECT text, people, tickets FROM preview_event_message(:event_id, :text);
