"""Assembles the package."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add learning and teaching."""
