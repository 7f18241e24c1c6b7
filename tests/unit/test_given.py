"""What is kept of cells' outputs has an end."""

from bookkit.serve.cells.given import Given


def tell(given, cell, *texts):
    given.note({"type": "running", "cell": cell})
    for text in texts:
        output = {"kind": "text", "name": "", "text": text, "new": True}
        given.note({"type": "output", "cell": cell, "output": output})
    given.note({"type": "done", "cell": cell, "status": "ok"})


def cells_in(given):
    return list(dict.fromkeys(message["cell"] for message in given.messages()))


def test_when_an_output_is_long_then_its_cell_is_as_if_it_had_not_run():
    given = Given()
    tell(given, "1", "short")
    tell(given, "2", "x" * 300_000)
    assert cells_in(given) == ["1"]


def test_when_there_is_no_room_then_what_ran_first_goes():
    given = Given()
    for cell in range(15):
        tell(given, str(cell), "x" * 150_000)
    tell(given, "7", "x" * 150_000)
    assert cells_in(given) == ["2", "3", "4", "5", "6", *map(str, range(8, 15)), "7"]


def test_when_a_piece_is_written_over_then_one_text_is_kept():
    given = Given()
    given.note({"type": "running", "cell": "1"})
    pieces = [
        {"text": "\U0001f600ab", "new": True},
        {"text": "c", "keep": 3},
        {"text": "d"},
    ]
    for piece in pieces:
        output = {"kind": "text", "name": "", **piece}
        given.note({"type": "output", "cell": "1", "output": output})
    (_, told) = given.messages()
    assert told["output"]["text"] == "\U0001f600acd"
    assert told["again"] and told["output"]["new"]
