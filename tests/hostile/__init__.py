"""Files made to do harm: each is generated here, read in the confined process, and told by its own finding."""
