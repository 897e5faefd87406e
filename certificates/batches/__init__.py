"""Many certificates verified in one go: read, answered row by row, told on a signed receipt."""
