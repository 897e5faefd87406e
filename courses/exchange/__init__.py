"""Questions from other systems and for them. Readers are pure: bytes become drafts and a report, no database is known here."""
