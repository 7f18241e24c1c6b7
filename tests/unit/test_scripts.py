"""Scripts of the site stand in one scope."""

import re
from collections import Counter
from importlib.resources import files

from bookkit.site.extension.furo.assets import _SCRIPTS

EXTENSION = files("bookkit.site.extension")
NAME = re.compile(r"^(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


def test_when_scripts_share_a_scope_then_each_name_is_said_once():
    texts = [(EXTENSION / f"{name}.js").read_text("utf-8") for name in _SCRIPTS]
    names = Counter(name for text in texts for name in NAME.findall(text))
    assert len(names) > 100
    assert [name for name, count in names.items() if count > 1] == []
