"""Sealed reports: figures of a quarter or a year that stay what they were; a correction is another edition."""
