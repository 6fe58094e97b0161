SELECT pause_restored_facts();
