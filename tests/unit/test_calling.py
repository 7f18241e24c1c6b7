"""Parameters of a claim stand for names of the notebook or words, never for a guess."""

import pytest
from words.calling import arguments


def added(X, equal):
    return X + equal


def test_when_a_parameter_is_a_name_of_the_notebook_or_a_word_then_it_is_found():
    spaces = {"the notebook": {"X": 1, "Y": 5}, "words": {"equal": 2}}
    assert added(*arguments(added, spaces)) == 3


def test_when_a_name_means_the_same_in_both_then_it_is_found():
    module = object()
    spaces = {"the notebook": {"X": module, "equal": 2}, "words": {"X": module}}
    assert arguments(added, spaces) == [module, 2]


@pytest.mark.parametrize(
    ("notebook", "problem"),
    [
        ({"X": 1, "equal": 7}, "`equal`: the notebook and words differ"),
        ({}, "`X`: nothing has that name"),
    ],
)
def test_when_a_name_is_in_both_or_in_neither_then_it_is_an_error(notebook, problem):
    with pytest.raises(LookupError) as told:
        arguments(added, {"the notebook": notebook, "words": {"equal": 2}})
    assert problem in str(told.value)
    assert f"{__file__}:{added.__code__.co_firstlineno}: " in str(told.value)
    assert "expected a name of the notebook or of words" in str(told.value)
