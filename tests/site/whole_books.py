"""A book with everything that pages say of notebooks and saved functions."""

from pathlib import Path

from site_books import CONFIG, TABS
from small_books import unexecuted

from bookkit.book.config import load
from bookkit.book.source import read_book
from bookkit.library.write import build_library
from bookkit.publish.downloads import Downloads, offered
from bookkit.publish.notebooks import write_notebooks
from bookkit.site.build import SiteBuild, SiteResult

INDEX = """# 书

```toc
:numbered:

one/defines
one/uses
```

```toc
one/reference
```
"""
DEFINES = """# 定义

先看图，再看`small.greet`：

![一个盒子](../img/box.svg)

```{.python .input}
#@tab alpha
def greet(name='你'):  #@save
    \"\"\"问候`name`。\"\"\"
    return f'{name}好'
```

```{.python .input}
#@tab beta
def greet(name):  #@save
    \"\"\"向`name`问好。

    例如：
        greet('你')
    \"\"\"
    return name
```

只有一个框架有的：

```{.python .input}
#@tab beta
def only_beta():  #@save
    return greet('贝塔')
```
"""
USES = """# 使用

调用`small.greet('你')`，不是`greet`，也不是`small.nothing`。

```{.python .input}
#@tab alpha
from small import alpha as small
```

```{.python .input}
#@tab beta
from small import beta as small
```

```{.python .input}
#@tab alpha, beta
# 注释：small.greet('你')
print('small.greet', small.greet('<&>') and small.greet)
def inside(small):
    return small.greet
```

```{.python .input}
#@tab beta
#@data data/names.txt
small.only_beta()
```
"""
REFERENCE = """# 参考

```eval_rst
.. container:: bookkit-saved-functions

   是什么。
```
"""
BOX = """<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">
  <rect width="40" height="30" fill="#2f6db3"/>
</svg>
"""
_WITH_FIGURES = CONFIG.replace("[build]\n", "[build]\nresources = img\n")
FILES = {
    "config.ini": f"""{_WITH_FIGURES}[bookkit-beta]
title = Beta
services = colab, kaggle
[colab]
github_repo = alpha, some-one/book-alpha
    beta, some-one/book-beta
[bookkit]
issues = https://example.org/new?t={{title}}&b={{body}}
[library-alpha]
lib_file = small/alpha.py
[library-beta]
lib_file = small/beta.py
""",
    "index.md": INDEX,
    "one/defines.md": DEFINES,
    "one/uses.md": USES,
    "one/reference.md": REFERENCE,
    "img/box.svg": BOX,
    "data/names.txt": "你\n",
}


def build_whole(root: Path) -> SiteResult:
    """Make what `bookkit build` makes of a book, but for running its cells."""
    config = load(root)
    sections = read_book(config)
    build_library(config, sections=sections)
    executed = unexecuted(config, sections)
    with SiteBuild(root, TABS) as site:
        for section in sections:
            name = str(section.path)
            site.add(section, {tab: executed[tab][name] for tab in TABS})
        site.begin_html(offered(config, sections, executed))
        downloads = Downloads(config, site.downloads_dir)
        folder = config.output / "notebooks"
        write_notebooks(config, sections, executed, folder, taker=downloads)
        return site.finish()
