"""Drawings painted for viewers of notebooks that show no SVG."""

import pictures
from PIL import Image
from playwright.sync_api import Browser

from bookkit.publish.pictures import is_current, painted

DRAWING = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="40" height="20">
<style>
rect { fill: #2f6db3; }
@media (prefers-color-scheme: dark) { rect { fill: #000000; } }
</style>
<rect x="0" y="0" width="20" height="20"/></svg>
"""


def test_when_painted_then_it_is_as_light_pages_show_it(browser: Browser, tmp_path):
    drawing = tmp_path / "one.svg"
    drawing.write_text(DRAWING)
    assert not is_current(drawing)
    pictures.paint(browser, drawing)
    assert is_current(drawing)
    with Image.open(painted(drawing)) as image:
        assert image.size == (60, 30)
        colours = image.convert("RGB")
        assert colours.getpixel((15, 15)) == (0x2F, 0x6D, 0xB3)
        assert colours.getpixel((45, 15)) == (255, 255, 255)
    drawing.write_text(DRAWING.replace("20", "10"))
    assert not is_current(drawing)
