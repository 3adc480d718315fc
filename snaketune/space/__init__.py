"""What hyperparameters may be, and how a search fills their space."""
