"""What a module offers, told from its source: ours, and plain d2lbook's."""

from pathlib import Path

from small_books import code, write_book

from bookkit.library.modules import Entry, import_of, module_name, read_module
from bookkit.library.write import build_library

CELL = code(
    "alpha",
    "import math",
    "",
    "def area(r: float, *, unit='m') -> float:  #@save",
    '    """Area of a circle."""',
    "    return math.pi * r ** 2",
    "",
    "class Timer:  #@save",
    '    """Measures.',
    "",
    "    More.",
    '    """',
    "    def __init__(self, name=''):",
    "        self.name = name",
    "    def stop(self, now):",
    '        """Stop it."""',
    "    def reset(self): pass",
    "    @staticmethod",
    "    def of(name): pass",
    "    def _own(self): pass",
    "",
    "LIMIT = 3  #@save",
)


def test_when_we_wrote_it_then_all_saved_names_are_told(tmp_path):
    text = "# One\n\n" + code("alpha", "1") + CELL
    book = write_book(tmp_path, {"one.md": text})
    build_library(book)
    assert read_module(tmp_path / "small" / "alpha.py") == (
        Entry("area", "area(r: float, *, unit='m') -> float", "Area of a circle."),
        Entry(
            "Timer",
            "Timer(name='')",
            "Measures.\n\nMore.",
            (
                Entry("stop", "stop(now)", "Stop it."),
                Entry("reset", "reset()", ""),
                Entry("of", "of(name)", ""),
            ),
        ),
        Entry("LIMIT", "LIMIT", ""),
    )


def test_when_plain_d2lbook_wrote_it_then_its_own_words_are_left_out(tmp_path):
    path = tmp_path / "torch.py"
    path.write_text(
        "################   WARNING   ################\n"
        "import sys\nd2l = sys.modules[__name__]\n\n"
        "def f(x):\n"
        '    """Say x.\n\n    Defined in :numref:`sec_one`"""\n'
        "    return x\n\n"
        'def g():\n    """Defined in :numref:`sec_one`"""\n'
    )
    assert read_module(path) == (Entry("f", "f(x)", "Say x."), Entry("g", "g()", ""))


def test_when_a_module_is_missing_or_broken_then_it_offers_nothing(tmp_path):
    assert read_module(tmp_path / "none.py") == ()
    (tmp_path / "half.py").write_text("def f(")
    assert read_module(tmp_path / "half.py") == ()


def test_when_a_module_lies_in_a_package_then_it_is_imported_from_there():
    name = module_name(Path("/book"), Path("/book/d2l/torch.py"))
    assert import_of(name) == "from d2l import torch as d2l"
    assert import_of("saved") == "import saved"
