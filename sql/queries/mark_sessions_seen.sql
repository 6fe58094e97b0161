SELECT mark_sessions_seen(:session_ids);
