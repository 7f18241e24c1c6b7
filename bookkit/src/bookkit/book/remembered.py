"""How much of a book a process remembers from one build to the next.

Builds go through all sections in the same order. What remembers the newest only, and
fewer than there are, has forgotten each when it is asked for again: everything is then
read anew at each edit. So these are more than a large book has.
"""

from __future__ import annotations

#: Files of Markdown, solutions included, and some versions of those being edited.
TEXTS = 8192
#: Cells of all tabs: 500 sections of 30 logical cells in four tabs.
CELLS = 65_536
