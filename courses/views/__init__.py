"""A door for each audience: trainees, instructors, other systems, and everybody."""
