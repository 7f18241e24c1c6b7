"""Paint `img/NAME.png` of each drawing `img/NAME.svg` that changed: `make pictures`.

Viewers of notebooks that show no SVG show these (`bookkit.publish.pictures`). Chromium
lays text out as readers of the pages see it; it and a font for Chinese are on the
machines of authors, so what it paints is committed.
"""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

from browsers import start_chromium
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Browser, sync_playwright

from bookkit.publish.pictures import SOURCE, is_current, painted, source_digest

ROOT = Path(__file__).resolve().parents[2]
#: Markdown has no width: a viewer shows every dot as a pixel, as wide as fits. Once
#: and a half is still sharp on screens with two dots a pixel, and not yet a poster.
SCALE = 1.5
#: Drawings have few colours; a palette halves the file.
COLOURS = 64


def paint(browser: Browser, drawing: Path) -> None:
    """Paint a drawing as light pages show it, on white."""
    page = browser.new_page(device_scale_factor=SCALE, color_scheme="light")
    content = base64.b64encode(drawing.read_bytes()).decode()
    page.set_content(f'<img src="data:image/svg+xml;base64,{content}">')
    page.locator("img").evaluate("image => image.decode()")
    shot = page.locator("img").screenshot()
    page.close()
    with Image.open(io.BytesIO(shot)) as image:
        flat = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    said = PngInfo()
    said.add_text(SOURCE, source_digest(drawing))
    flat.save(painted(drawing), optimize=True, pnginfo=said, dpi=(96 * SCALE,) * 2)


def main() -> int:
    """Paint what is missing or stale; delete what has no drawing any more."""
    drawings = sorted((ROOT / "img").glob("*.svg"))
    stale = [one for one in drawings if not is_current(one)]
    for left in {*(ROOT / "img").glob("*.png")} - {painted(one) for one in drawings}:
        left.unlink()
        print(f"Pictures: {left} deleted")
    if stale:
        with sync_playwright() as playwright:
            browser = start_chromium(playwright.chromium, complete=True)
            for drawing in stale:
                paint(browser, drawing)
                size = painted(drawing).stat().st_size / 1000
                print(f"Pictures: {painted(drawing)} written, {size:.0f} kB")
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
