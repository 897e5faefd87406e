"""Where academies make their templates: drafts, trials, publication, packages. What is published never changes."""
