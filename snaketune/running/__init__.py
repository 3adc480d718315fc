"""Training one trial: the process that trains, the one that supervises it, the warm one."""
