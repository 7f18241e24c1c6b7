"""What d2lbook writes for its own theme, which pages are found by.

Why: d2lbook makes the pages' sources, and has no other interface. No upstream issue was
found for any of it; it may go when pages are no longer made of d2lbook's output.
"""

from __future__ import annotations

import re

#: Raw HTML at the start of a tab group, and of each panel.
TAB_GROUP = re.compile(r'<div class="mdl-tabs .*mdl-tabs__tab-bar (?P<kind>\w*)"')
TAB_PANEL = re.compile(r'<div class="mdl-tabs__panel .*id="(?P<tab>[^"]+?)-\d+-\d+">')
#: The class of a cell's output; nbconvert's template writes it.
OUTPUT = "output"
#: Files of its own theme, named by its conf.py.
THEME_FILES = ("d2l.css", "d2l.js")
