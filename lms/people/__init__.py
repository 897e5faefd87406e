"""Who learns and teaches: one row for a person, whatever platform the person came from, and the forms of the name."""
