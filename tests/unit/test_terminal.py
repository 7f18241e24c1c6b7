"""What was printed, as a terminal shows it in the end."""

import pytest

from bookkit.site.shown.terminal import as_shown

LINK = "\x1b]8;;http://a.invalid\x1b\\text\x1b]8;;\x1b\\"


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("\x1b[31mred\x1b[0m \x1b[38;5;9mx\x1b[m", "red x"),
        ("\x1b[?25lx\x1b[?25h\x1b(B\x1b=", "x"),
        (f"{LINK} after", "text after"),
        ("\x1b]0;title\x07x", "x"),
        ("a\r\nb\r\r\nc\r\n", "a\nb\nc\n"),
        (" 10%\r 20%\r100%\n", "100%\n"),
        ("longer\rab\n", "abnger\n"),
        ("longer\rab\x1b[K\n", "ab\n"),
        ("longer\x1b[2K\rab", "ab"),
        ("abc\b\bX", "aXc"),
        ("\b\ba", "a"),
        # two progress bars, as tqdm and rich draw them
        ("a: 0\nb: 0\x1b[A\ra: 1\nb: 1\x1b[A\ra: 2\n\n", "a: 2\nb: 1\n"),
        ("a\nb\nc\x1b[2A\x1b[1G\x1b[Jx", "x"),
        ("one\n\x1b[1A\x1b[2Ktwo\n", "two\n"),
        ("ab\x1b[3Cc\x1b[2Dd", "ab  dc"[:4] + "dc"),
        ("old\n\x1b[2J\x1b[Hnew", "new\n"),
        ("\x1b[2;3Hx", "\n  x"),
        ("a\x00\x07\x1b\x7f\x85\ud800", "a␀␇␛␡\ufffd\ufffd"),
        ("\n\n a\tb\n\n", "\n\n a\tb\n\n"),
    ],
)
def test_when_something_is_printed_then_it_is_as_it_is_seen_last(printed, wanted):
    assert as_shown(printed) == wanted


def test_when_the_cursor_is_sent_far_away_then_no_endless_text_is_made():
    assert len(as_shown("\x1b[99999C\x1b[99999Bx" * 3)) < 10_000
