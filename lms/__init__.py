"""Everything between Bilim and the outside: platforms, identities, machines. Knows no course and no certificate."""
