"""For operators: migrations, the first admin, moved events, health, metrics, logs."""
