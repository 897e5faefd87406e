"""Places for training: planned, called for, nominated, selected, filled, and bound to the people whom platforms send."""
