"""How programs spell a path: as it is, escaped for HTML, JSON or Python, in an address.

Patterns only; what replaces a path is none of this module's business. They serve
nbval as well, so each is a line.
"""

from __future__ import annotations

import html
import json
import os
import re
from urllib.parse import quote, quote_plus

#: A terminal's colour, as it is or escaped.
_COLOUR = r"(?:\x1b|\\u001b|\\x1b|\\033)\[[0-9;]*m"
SLASH = r"(?:\\*/|%2[fF]|&#x2[fF];|&#47;)"
_BETWEEN = rf"(?:{_COLOUR})*{SLASH}(?:{_COLOUR})*"
#: A path does not begin in the middle of another one, but it may after an escaped end
#: of line, an escaped quotation mark, a scheme, or an option of a compiler.
_BEGINS = (
    rf"(?:(?P<colour>(?:{_COLOUR})+)|(?<![\w.~/+-])|(?<=[^\x00-\x7f])"
    r"|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2})|(?<=://)|(?<=:///)|(?<=\s-[IL]))"
    rf"(?:(?i:file(?::|%3a)){SLASH}{{2}}(?i:localhost)?)?"
)
#: What follows a folder's name is not more of that name.
_ENDS = r"(?![A-Za-z0-9_~+-]|\.[A-Za-z0-9_]|%(?:20|2[BbDdEe]|5[Ff]|7[Ee]))"
#: Words may follow Latin letters in Chinese text, but not letters of their own script.
_ENDS_WIDE = r"(?!(?![\x00-\x7f])\w|\\+u(?!30|ff|20)[0-9a-f]{4}|%[89A-Fa-f])"
#: What can be the first letter of a name.
_NAME = r"(?=[\w.@#$*({\[+-]|%(?:20|[89A-Fa-f])|\\+u[0-9a-f]{4})"


def names(path: str) -> list[str]:
    """Return the names that an absolute path is made of."""
    return [name for name in path.split(os.sep) if name]


def spellings(name: str) -> list[str]:
    """Return in how many ways one name is written, the longest first."""
    raw = os.fsencode(name)
    forms = {
        name,
        html.escape(name),
        html.escape(name).replace("&#x27;", "&#39;"),
        json.dumps(name)[1:-1],
        ascii(name)[1:-1],
        name.replace("_", r"\_"),
        quote_plus(raw),
        *(quote(raw, safe=safe) for safe in ("", "/!$&'()*+,;=:@")),
    }
    forms |= {re.sub("%..", lambda one: one[0].lower(), form) for form in forms}
    return sorted(forms, key=lambda form: (-len(form), form))


def _name(name: str) -> str:
    # A text in JSON in a text has twice as many backslashes.
    forms = (re.escape(form).replace(r"\\", r"\\+") for form in spellings(name))
    return f"(?:{'|'.join(forms)})"


def near(path: str) -> str:
    """Return a pattern that is quick, and found wherever `path_pattern` is."""
    return rf"(?:/|%2[fF]|#x2[fF];|#47;)(?:{_COLOUR})*{_name(names(path)[-1])}"


def path_pattern(path: str) -> str:
    """Return a pattern of a path; what stands before it stays, as `colour`."""
    return _BEGINS + _rest(path)


def in_traceback(path: str) -> str:
    """Return a pattern of what IPython makes of a path below the home: `File ~/…`."""
    return rf"(?P<colour>File (?:{_COLOUR})*)~{_rest(path)}"


def inside(pattern: str) -> str:
    """Return a pattern of a folder with the slash before a name in it."""
    return pattern + SLASH + _NAME


def _rest(path: str) -> str:
    ends = _ENDS if path[-1].isascii() else _ENDS + _ENDS_WIDE
    return "".join(_BETWEEN + _name(name) for name in names(path)) + ends
