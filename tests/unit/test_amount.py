"""What counts of a cell's outputs: what is left of them."""

import pytest

from bookkit.run.amount import Amount


def stream(text):
    return {"msg_type": "stream", "content": {"name": "stdout", "text": text}}


def shown(kind="display_data", name=None, **data):
    named = {"image_png": "image/png", "text": "text/plain"}
    content = {"data": {named[key]: one for key, one in data.items()}}
    content["transient"] = {"display_id": name} if name else {}
    return {"msg_type": kind, "content": content}


def clear(wait=False):
    return {"msg_type": "clear_output", "content": {"wait": wait}}


def amount(*messages):
    counted = Amount()
    for message in messages:
        counted.take(message)
    return counted.text, counted.pictures


@pytest.mark.parametrize(
    ("messages", "text"),
    [
        ([stream("12345"), stream("6\n7")], 8),
        ([stream("12345\r12")], 2),
        ([stream("12345"), stream("\r12"), stream("\r1\n"), stream("1")], 3),
        ([stream("123\r\n123\r\n")], 10),
        ([stream("12345"), clear(), stream("1")], 1),
        ([stream("12345"), clear(wait=True)], 5),
        ([stream("12345"), clear(wait=True), stream("1")], 1),
    ],
)
def test_when_text_is_overwritten_or_cleared_then_what_is_left_counts(messages, text):
    assert amount(*messages) == (text, 0)


def test_when_a_picture_is_drawn_again_then_it_counts_once_and_apart_from_text():
    first = shown(name="a", image_png="x" * 98, text="<Figure>")
    again = shown("update_display_data", "a", image_png="x" * 8, text="<Figure>")
    assert amount(first) == (10, 100)
    assert amount(first, again, again) == (10, 10)
    assert amount(first, shown(image_png="x" * 98)) == (10, 200)


def test_when_much_is_overwritten_then_what_was_sent_is_limited_too():
    counted = Amount()
    for _ in range(100):
        counted.take(stream("\r" + "x" * 99))
    assert not counted.over(200, 200) and counted.text == 99
    for _ in range(100):
        counted.take(stream("\r" + "x" * 99))
    assert counted.over(200, 200) == "text"
    assert counted.over(1000, 200) == ""
