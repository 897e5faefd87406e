"""Issue certificates and verify them. Knows courses only through ``courses.records``."""
