"""A small book to run cells of: plain Python in two frameworks, a third is missing."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from faulty_books import SITE_CONFIG, Book, hear_interrupts

CONFIG = SITE_CONFIG.replace(
    "title = Faulty\nlang = en", "title = 小书\nlang = zh"
).replace("    html_theme =", "    language = 'zh_CN'\n    html_theme =")
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
# An empty cell of a reader's own, to be written.
FREE = "# 空白\n\n```{.python .input}\n#@tab alpha\npass\n```\n"
# What it gives names the machine, and differs from run to run, unless made neutral.
TOLD = """\
# 机器

```{.python .input}
#@tab alpha
import os, warnings
warnings.warn('小心')
print(os.getcwd(), kept := object())
[kept, object]
```
"""


def build_book(folder: Path) -> Book:
    """Build the book; the environment of its last framework is gone afterwards."""
    book = Book(folder, {"one": "", "other": "", "free": "", "told": ""}, CONFIG, TABS)
    (folder / "one.md").write_text(SECTION)
    (folder / "other.md").write_text(OTHER)
    (folder / "free.md").write_text(FREE)
    (folder / "told.md").write_text(TOLD)
    book.passes("build")
    (folder / ".envs" / TABS[-1]).unlink()
    return book


class Reading:
    """`bookkit read` of a book, and the address that it prints."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert self.process.stdout
        said = self.process.stdout.readline()
        found = re.search(r"(http://\S+/)#(run=\S+)", said)
        assert found, said + self.process.stdout.read()
        self.url, self.fragment = found[1], found[2]

    @classmethod
    def of(cls, root: Path) -> "Reading":
        """Read a book that is built."""
        command = [sys.executable, "-m", "bookkit", "--root", str(root)]
        return cls(
            subprocess.Popen(
                [*command, "read", "--port", "0"],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
                preexec_fn=hear_interrupts,
            )
        )

    def end(self) -> None:
        """Do what Ctrl-C in a terminal does."""
        os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()
