"""A small book to run cells of: plain Python in two frameworks, a third is missing."""

from pathlib import Path

from faulty_books import SITE_CONFIG, Book

CONFIG = SITE_CONFIG.replace("title = Faulty\nlang = en", "title = 小书\nlang = zh").replace(
    "    html_theme =", "    language = 'zh_CN'\n    html_theme ="
)
TABS = ("alpha", "beta", "gamma")
SECTION = """\
# 一节

先定义几个名字。

```{.python .input}
#@tab all
import time

def twice(x):
    return 2 * x
```

```{.python .input}
#@tab alpha
base = 20
base
```

```{.python .input}
#@tab beta
base = 30
base
```

```{.python .input}
#@tab gamma
base = 40
base
```

用它们来算：

```{.python .input}
#@tab alpha, beta
twice(base) + 2
```

```{.python .input}
#@tab alpha
#@no-run
while True:
    pass
```

```{.python .input}
#@tab alpha
#@folded
hidden = 'folded'
print(hidden)
```

```{.python .input}
#@tab alpha
print(hidden)
for number in range(40):
    print('line', number)
```

## 练习

1. **编写 ★☆☆**：写出`thrice`。

```{.python .input}
#@tab alpha
class d2l:
    def check(answer, cases):
        try:
            for what, yours, wanted in cases(answer):
                if yours != wanted:
                    return f'{what}：应为{wanted}，你的是{yours}'
        except NotImplementedError:
            return '还没有写'
        return '正确'

def thrice_cases(answer):
    yield '2的三倍', answer(2), 6
```

```{.python .input}
#@tab alpha
def thrice(x):
    raise NotImplementedError

d2l.check(thrice, thrice_cases)
```

2. **编写 ★☆☆**：写出`last`，它什么也不用。

```{.python .input}
#@tab alpha
def last(x):
    raise NotImplementedError

d2l.check(last, thrice_cases)
```
"""
OTHER = "# 另一节\n\n```{.python .input}\n#@tab alpha\n1 + 1\n```\n"


def build_book(folder: Path) -> Book:
    """Build the book; the environment of its last framework is gone afterwards."""
    book = Book(folder, {"one": "", "other": ""}, CONFIG, TABS)
    (folder / "one.md").write_text(SECTION)
    (folder / "other.md").write_text(OTHER)
    book.passes("build")
    (folder / ".envs" / TABS[-1]).unlink()
    return book
