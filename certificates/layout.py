"""One version of a template: how a page looks, apart from what it says. A value with a hash, so that it can be proved
which one a certificate was printed with.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment

FIRST, NEWEST = 1, 2
"""Versions of the template that comes with the product. The second has the code that is checked without a network."""
_FOLDER = Path(__file__).parent / "templates" / "certificate"


@dataclass(frozen=True)
class Layout:
    """A page as Jinja source of well-formed XML, its CSS, the frame below it as SVG, and pictures by file name."""

    page: str
    style: str
    frame: str
    pictures: Mapping[str, bytes]

    @cached_property
    def sha256(self) -> str:
        """SHA-256 over all of it, in hexadecimal."""
        parts = {
            "page": self.page,
            "style": self.style,
            "frame": self.frame,
            "pictures": {name: sha256(data).hexdigest() for name, data in self.pictures.items()},
        }
        return sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@cache
def built_in(version: int = NEWEST) -> Layout:
    """A version of the template that comes with the product. Certificates were printed with each: a change is another one."""
    name = "certificate" if version == FIRST else f"certificate-{version}"
    return Layout(
        page=(_FOLDER / f"{name}.html.jinja").read_text("utf-8"),
        style=(_FOLDER / f"{name}.css").read_text("utf-8"),
        # Its macros repeat one horn some two hundred times; what an organisation brings is plain SVG.
        frame=Environment(autoescape=True).from_string((_FOLDER / "ornament.svg.jinja").read_text("utf-8")).render(),
        pictures={},
    )
