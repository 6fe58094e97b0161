"""For those who run the installation: migrations, the first admin, health, metrics, logs."""
