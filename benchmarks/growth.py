"""Generated books of more and more sections: time per notebook, memory, repeats."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.books import ROOT, lend_environments
from benchmarks.processes import run
from benchmarks.sides import last_report, notebooks_run
from bookkit.book.config import load
from bookkit.kernels import kernelspecs

SIZES = (10, 30, 100)
PER_CHAPTER = 10
#: Three cells of each tab; `{n}` makes those of every section others.
CELLS = {
    "pytorch": (
        "import torch",
        "x = torch.arange(12.0).reshape(3, 4) + {n}\ny = x @ x.T\ny",
        "torch.manual_seed({n})\nnet = torch.nn.Linear(4, 2)\nnet(x).shape",
        "print('section', {n}, float(y.sum()))",
    ),
    "mxnet": (
        "from mxnet import np, npx\nfrom mxnet.gluon import nn\n\nnpx.set_np()",
        "x = np.arange(12.0).reshape(3, 4) + {n}\ny = np.dot(x, x.T)\ny",
        "npx.random.seed({n})\nnet = nn.Dense(2)\nnet.initialize()\nnet(x).shape",
        "print('section', {n}, float(y.sum()))",
    ),
    "tensorflow": (
        "import tensorflow as tf",
        "x = tf.reshape(tf.range(12.0), (3, 4)) + {n}\ny = x @ tf.transpose(x)\ny",
        "tf.random.set_seed({n})\nnet = tf.keras.layers.Dense(2)\nnet(x).shape",
        "print('section', {n}, float(tf.reduce_sum(y)))",
    ),
    "paddle": (
        "import paddle",
        "x = paddle.arange(12.0).reshape([3, 4]) + {n}\ny = x @ x.T\ny",
        "paddle.seed({n})\nnet = paddle.nn.Linear(4, 2)\nnet(x).shape",
        "print('section', {n}, float(y.sum()))",
    ),
}
PROSE = (
    "这一段文字是为了测量而写的，它是第{n}节的第{k}段。读者在这里会读到几句话，"
    "讲这一节要做什么、为什么这样做，以及下面的代码里哪一行值得留意。"
)


def measure(scratch: Path, sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """Build each size from nothing, then again; return a row for each."""
    rows = []
    for size in sizes:
        root = _generate(scratch / f"grown-{size}", size)
        command = [sys.executable, "-m", "bookkit", "build"]
        cold = run(command, root, watch=True)
        count = notebooks_run(root, 0)
        if count != 4 * size:
            sys.exit(f"error: {count} notebooks of {4 * size} were run in {root}")
        last = last_report(root)
        again = run(command, root, watch=True)
        if notebooks_run(root, last):
            sys.exit(f"error: nothing changed in {root}, and notebooks were run")
        rows.append(
            {
                "sections": size,
                "notebooks": count,
                "seconds": cold.seconds,
                "per_notebook": cold.seconds / count,
                "peak_mb": cold.peak_mb,
                "largest_child_mb": cold.largest_child_mb,
                "again_seconds": again.seconds,
                "again_peak_mb": again.peak_mb,
            }
        )
        print(f"{size} sections: {cold.seconds:.1f} s, again {again.seconds:.1f} s")
        shutil.rmtree(root)
    return {"sizes": rows}


def _generate(root: Path, size: int) -> Path:
    root.mkdir(parents=True)
    config = (ROOT / "config.ini").read_text("utf-8")
    config = re.sub(r"\[library-\w+\]\n(?:(?!\[).*\n)*", "", config)
    (root / "config.ini").write_text(config, "utf-8")
    (root / "img").mkdir()
    for name in ("d2l.bib", "synonyms.txt"):
        shutil.copy2(ROOT / name, root)
    shutil.copytree(ROOT / "envs", root / "envs")
    lend_environments(root)
    chapters = [range(at, min(at + PER_CHAPTER, size)) for at in range(0, size, 10)]
    for number, sections in enumerate(chapters):
        folder = root / f"chapter_{number:02}"
        folder.mkdir()
        names = [f"section-{n:03}" for n in sections]
        head = f"# 第{number}组\n:label:`chap_{number}`\n\n这一章有几节。\n"
        (folder / "index.md").write_text(_with_toc(head, names), "utf-8")
        for n, name in zip(sections, names, strict=True):
            (folder / f"{name}.md").write_text(_section(n), "utf-8")
    names = [f"chapter_{number:02}/index" for number in range(len(chapters))]
    names.append("chapter_references/zreferences")
    references = Path("chapter_references", "zreferences.md")
    (root / references.parent).mkdir()
    shutil.copy2(ROOT / references, root / references)
    text = _with_toc("# 测量用的书\n\n这本书是生成的。\n", names, ":numbered:\n")
    (root / "index.md").write_text(text, "utf-8")
    kernelspecs.write_all(load(root))
    return root


def _with_toc(head: str, names: Sequence[str], options: str = "") -> str:
    rows = "\n".join(names)
    return f"{head}\n```toc\n:maxdepth: 2\n{options}\n{rows}\n```\n"


def _section(n: int) -> str:
    parts = [f"# 第{n}个题目\n:label:`sec_{n}`\n"]
    if n:
        parts.append(f"这一节接着 :numref:`sec_{n - 1}`往下讲。\n")
    for k in range(len(CELLS["pytorch"])):
        parts.append(f"## 第{k}步\n\n{PROSE.format(n=n, k=k)}\n")
        for tab, cells in CELLS.items():
            code = cells[k].replace("{n}", str(n))
            parts.append(f"```{{.python .input}}\n#@tab {tab}\n{code}\n```\n")
    return "\n".join(parts)
