"""The tool that is registered in this sandbox."""

from lms.core import settings
from lms.sandbox import demo


def registration() -> demo.Registration:
    """The registration, made from the settings at work."""
    return demo.registration(settings.current())
