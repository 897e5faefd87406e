"""Pages for staff: the doors in and out, the first page of administration, and the list of staff."""
