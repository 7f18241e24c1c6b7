"""Which files are sections: d2lbook's patterns, without what builds and cells write."""

import pytest
from small_books import CONFIG, write_book

from bookkit import workflow
from bookkit.book.inputs import section_files

#: d2lbook's own pattern.
EVERYTHING = CONFIG.replace("notebooks = *.md */*.md\n", "")
STRAY = "# Stray\n\n```toc\nnowhere\n```\n"


@pytest.mark.parametrize(
    ("settings", "stray"),
    [
        ("", "_build/run/alpha/one/notes.md"),
        ("", "_build/stray.md"),
        ("output_dir = out", "out/run/alpha/one/notes.md"),
        ("output_dir = made/by/us/", "made/by/us/run/notes.md"),
        # as an earlier name of the folder has left it
        ("output_dir = out", "_build/run/alpha/one/notes.md"),
        ("[bookkit]\nenvironments = envs/made", "envs/made/alpha/lib/x/LICENSE.md"),
    ],
)
def test_when_a_build_or_a_cell_wrote_a_file_then_it_is_no_section(
    tmp_path, settings, stray
):
    config = EVERYTHING.replace("[pdf]", f"{settings}\n[pdf]")
    files: dict[str, str | bytes] = {
        "one.md": "# One\n",
        "part/two.md": "# Two\n",
        "part/_build.md": "# Three\n",
        stray: STRAY,
    }
    if settings.startswith("output_dir"):  # every command leaves it there
        files[f"{settings.rpartition(' ')[2]}/.lock"] = ""
    book = write_book(tmp_path, files, config)
    names = ["index.md", "one.md", "part/_build.md", "part/two.md"]
    assert [str(path) for path in section_files(book)] == names
    workflow.check(book)


def test_when_the_folder_is_beside_the_book_then_all_sections_stay(tmp_path):
    config = EVERYTHING.replace("[pdf]", "output_dir = ../out\n[pdf]")
    book = write_book(tmp_path, {"one.md": "# One\n"}, config)
    assert [str(one) for one in section_files(book)] == ["index.md", "one.md"]
