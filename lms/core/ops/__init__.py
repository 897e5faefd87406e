"""What operators do with a whole installation: copy it, prove that the copy is the same, bring it back, move it."""
