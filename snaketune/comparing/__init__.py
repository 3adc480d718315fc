"""From the table of trials to what the searches found, at what cost, and why."""
