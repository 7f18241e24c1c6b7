"""What is changed of the theme, and the built style sheet and script.

| part | its one responsibility |
|---|---|
| `furo_internals` | what we use of Furo's HTML and files, why, and until when |
| `wording` | Furo's words, where it has no translation |
| `theme` | names of the parts of Furo's page, for assistive technology |
| `assets` | our style sheet, scripts and templates, and none of d2lbook's files |
| `tab_rules` | rules of the style sheet that name tabs |
| `policy` | no styles in the pages themselves |
| `unused` | what Sphinx and Furo bring and no page needs |

The style sheets and scripts here are those of no other part. `templates` holds our
versions of Furo's templates, under its names.
"""

from __future__ import annotations

from sphinx.application import Sphinx

from bookkit.site.extension.furo import assets, policy, theme, unused, wording

_PARTS = (wording, theme, assets, policy, unused)


def setup(app: Sphinx) -> None:
    for part in _PARTS:
        part.setup(app)
