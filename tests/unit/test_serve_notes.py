"""What a build says, taken apart by place."""

from small_books import CONFIG, write_book

from bookkit.serve.notes import Note, Told, read_told

FINDING = """\
one.md:12 [beta]: BK111 unknown tab `betta`
  expected: perhaps `beta`
  next: correct it here"""
FAILURE = """\
answers/part/two.md:7 [alpha]: ZeroDivisionError: division by zero
  cell:
    1 / 0

    2
  next: mend the cell"""


def test_when_messages_have_places_then_each_is_a_note(tmp_path):
    config = write_book(tmp_path, {}, CONFIG + "[bookkit]\nsolutions = answers\n")
    said = f"{tmp_path}/config.ini:3: unknown key\n2 problems in all."
    told = read_told(config, {"shown": [FINDING, FAILURE], "error": said})
    more = "expected: perhaps `beta`\nnext: correct it here"
    first = Note("one.md:12", "beta", "one.html", "BK111 unknown tab `betta`", more)
    more = "cell:\n  1 / 0\n\n  2\nnext: mend the cell"
    said = "ZeroDivisionError: division by zero"
    second = Note("answers/part/two.md:7", "alpha", "part/two.html", said, more)
    third = Note("config.ini:3", "", "", "unknown key")
    assert told == Told("2 problems in all.", (first, second, third))


def test_when_a_traceback_has_no_place_then_it_stays_whole(tmp_path):
    config = write_book(tmp_path, {})
    said = 'Traceback (most recent call last):\n  File "a.py", line 1\nKeyError: 1'
    assert read_told(config, {"error": said}) == Told(said)


def test_when_nothing_is_wrong_then_what_a_draft_lacks_is_told(tmp_path):
    config = write_book(tmp_path, {})
    told = read_told(config, {"error": "", "warnings": [FINDING, FINDING]})
    assert (told.error, told.notes, len(told.warnings)) == ("", (), 1)
