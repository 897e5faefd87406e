"""Other installations of this service whose credentials we can judge, without anybody's data moving between us."""
