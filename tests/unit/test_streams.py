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


PICTURE = {"image/svg+xml": ["<svg>", "</svg>"], "image/png": "iVBOR"}


def shown(data):
    return new_output("display_data", data=data)


def kinds(*outputs):
    return [list(output.data) for output in with_marks(outputs)]


def test_when_a_picture_has_a_caption_then_it_is_marked_below_the_drawing():
    caption = ".. bookkit-caption::\n\n   一句图注\n"
    data = {**PICTURE, "text/plain": "一句图注"}
    picture, marked = with_marks([shown(data)])
    assert picture.data == {"image/svg+xml": "<svg></svg>"}
    assert marked.data == {"text/x-rst": caption}
    # What an object without a caption says of itself is none.
    data["text/plain"] = "<Figure size 640x480 with 1 Axes>"
    assert with_marks([shown(data)])[0].data == data


def test_when_an_output_can_be_interactive_then_its_content_comes_after_it():
    content = {"name": "net", "children": []}
    kind = "application/vnd.bookkit.tree+json"
    still, marked = with_marks([shown({"text/plain": "net", kind: content})])
    assert still.data["text/plain"] == "net"
    assert marked.data["text/x-rst"] == (
        '.. bookkit-interactive:: tree\n\n   {"name":"net","children":[]}\n'
    )
    everything = {**PICTURE, "text/plain": "x", kind: content}
    rst = ["text/x-rst"]
    assert kinds(shown(everything)) == [["image/svg+xml"], rst, rst]
