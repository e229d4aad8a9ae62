"""Everything that may leave, made from one release and nothing else."""
