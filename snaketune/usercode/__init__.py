"""The user's functions and commands: found and fingerprinted without importing, then run."""
