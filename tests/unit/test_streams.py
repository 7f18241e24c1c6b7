"""Outputs are staged so that reStructuredText tells one kind from another."""

from nbformat.v4 import new_output

from bookkit.site.marking import with_marks


def stream(name, text):
    return new_output("stream", name=name, text=text)


def sources(*outputs):
    return [output.get("data", {}).get("text/x-rst") for output in with_marks(outputs)]


def test_when_it_writes_to_standard_error_then_it_is_one_marked_output_in_its_place():
    found = sources(
        stream("stdout", "before"),
        stream("stderr", "one\n"),
        stream("stderr", "\x1b[31mtwo\x1b[0m\n"),
        stream("stdout", "after"),
    )
    assert found == [None, ".. bookkit-output:: stderr\n\n   one\n   two\n", None]


def test_when_standard_error_is_empty_then_no_box_is_left():
    assert sources(stream("stderr", "\n")) == [""]
