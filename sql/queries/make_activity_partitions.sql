SELECT make_activity_partitions();
