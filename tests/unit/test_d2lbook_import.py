"""A build imports of d2lbook what it needs, and gets from it what it always got."""

from __future__ import annotations

import json
import subprocess
import sys

READ = """
import json, sys
{prepare}
from d2lbook import library, notebook, slides
from d2lbook.build import ipynb2rst

text = '''# T

[**marked**] and (~~gone~~) and [not](http://x) (a ** b)

```{{.python .input}}
#@tab alpha
import z
import a
```

:begin_tab:`alpha`
Only here.
:end_tab:
'''
read = notebook.split_markdown_cell(notebook.read_markdown(text))
chosen = notebook.get_tab_notebook(read, "alpha", "alpha")
plain = slides.remove_slide_marks(chosen)
loaded = [name for name in {heavy!r} if name in sys.modules]
for cell in plain.cells:
    cell.pop("id", None)
print(json.dumps({{"cells": plain.cells, "loaded": loaded}}))
{after}
"""
HEAVY = ["pkg_resources", "requests.api", "nbconvert.exporters", "nbclient", "zmq"]
USE = """
import nbconvert, tarfile, isort
assert nbconvert.RSTExporter().file_extension == ".rst"
from nbconvert.filters import pandoc
assert tarfile.open and isort.code("import b\\nimport a\\n") == "import a\\nimport b\\n"
"""


def read(prepare: str, after: str = "") -> dict[str, object]:
    program = READ.format(prepare=prepare, heavy=HEAVY, after=after)
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_when_prepared_then_it_reads_the_same_and_imports_much_less() -> None:
    usual = read("")
    quick = read(
        "from bookkit.book.d2lbook.importing import prepare; prepare(); prepare()", USE
    )
    assert quick["cells"] == usual["cells"]
    assert usual["loaded"] == HEAVY
    assert quick["loaded"] == []
