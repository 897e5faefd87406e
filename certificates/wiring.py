"""Assembles the package."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Add issuing and verifying."""
