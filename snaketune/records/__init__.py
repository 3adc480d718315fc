"""What processes hand one another (tasks, records, tables), and where each of it lies."""
