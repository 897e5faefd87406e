"""Pictures for the documents, with few colours so that a clone stays small."""

from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

COLOURS = 64


class Album:
    """A folder of pictures; without one, nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    def keep(self, page: Page, name: str) -> None:
        """What the page shows now, from its top."""
        if self.folder is not None:
            page.evaluate("scrollTo(0, 0)")
            page.wait_for_timeout(400)
            page.screenshot(path=self.folder / f"{name}.png")
            self.lighten(self.folder / f"{name}.png")

    @staticmethod
    def lighten(path: Path) -> None:
        """A palette is enough for our pages."""
        Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)
