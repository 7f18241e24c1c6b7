"""A font whose every letter is a box: pages look the same on every machine."""

import io

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

_EM, _GAP = 1000, 60
_WIDE = range(0x2E80, 0x10000)


def box_font(characters: str) -> bytes:
    """Return a TrueType file of these: Latin is half as wide as Han characters."""
    builder = FontBuilder(_EM, isTTF=True)
    builder.setupGlyphOrder([".notdef", "half", "full", "space"])
    widths = {".notdef": _EM, "half": _EM // 2, "full": _EM, "space": _EM // 2}
    codes = {ord(one): "full" if ord(one) in _WIDE else "half" for one in characters}
    codes[0x20] = codes[0xA0] = "space"
    builder.setupCharacterMap(codes)
    builder.setupGlyf({name: _box(name, width) for name, width in widths.items()})
    builder.setupHorizontalMetrics({name: (w, _GAP) for name, w in widths.items()})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "boxes", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800)
    builder.setupPost()
    file = io.BytesIO()
    builder.save(file)
    return file.getvalue()


def _box(name, width):
    pen = TTGlyphPen(None)
    if name != "space":
        left, right = _GAP, width - _GAP
        pen.moveTo((left, 0))
        for point in ((left, 700), (right, 700), (right, 0)):
            pen.lineTo(point)
        pen.closePath()
    return pen.glyph()
