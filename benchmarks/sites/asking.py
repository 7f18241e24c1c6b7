"""Whether the search of a site finds the pages that have a word, and only those."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as NotAnswered

from benchmarks.sites.kinds import Kind

SEED = 11
#: What readers of such a chapter look for.
WORDS = """
参数 权重 偏置 张量 梯度 模型 网络 层 块 隐藏层 全连接层 激活函数
前向传播 反向传播 初始化 延后初始化 自定义层 形状 设备 显存 复制 保存
加载 读写 文件 字典 名字 种子 随机数 异常 报错 优化器 损失 训练 预测
框架 子模块 容器 顺序 构造函数 继承 共享 绑定 练习 输出 输入 类型
缓冲区 状态字典 检查点 版本 安全 同步 异步 带宽 编译 静态图 命名空间
属性 注册 广播 批量
""".split()
INNER = r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
SCROLL = "box => box.scrollTo(0, box.scrollHeight)"


def draw(texts: dict[str, str], count: int) -> dict[str, list[str]]:
    """Return our words, and some drawn from the texts: Han, names, parts of names."""
    drawn = random.Random(SEED)
    text = "\n".join(texts[name] for name in sorted(texts))
    runs = re.findall("[\u4e00-\u9fff]{2,}", text)
    pieces = set()
    for run in drawn.sample(runs, min(20 * count, len(runs))):
        length = min(len(run), drawn.choice((2, 3, 4)))
        begin = drawn.randrange(len(run) - length + 1)
        pieces.add(run[begin : begin + length])
    names = set(re.findall(r"(?<![\w.])[A-Za-z]\w*[_A-Z]\w*", text, re.ASCII))
    parts = {
        part
        for name in names
        for part in re.split(rf"_|{INNER}", name)
        if len(part) > 2 and part.isascii() and part.isalpha() and part != name
    }
    kinds = {"pieces": pieces, "names": names, "parts": parts}
    found = {
        kind: drawn.sample(sorted(words), min(count, len(words)))
        for kind, words in kinds.items()
        if words
    }
    words = [one for one in WORDS if one in text]
    return {"words": words, **found} if words else found


def pages_with(texts: dict[str, str], word: str) -> set[str]:
    """Return the pages whose text has a word, or a name that has it as a part."""
    if not word.isascii():
        return {page for page, text in texts.items() if word in text}
    edge = rf"(?:(?<![A-Za-z0-9])|{INNER})(?i:{re.escape(word)})"
    pattern = re.compile(rf"{edge}(?:(?![A-Za-z0-9])|{INNER})")
    return {page for page, text in texts.items() if pattern.search(text)}


def _closed(browser: Browser) -> Page:
    """Return a page that reaches no other host, without waiting to find that out."""
    tab = browser.new_context().new_page()
    tab.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())
    return tab


def _found(tab: Page, site: str, kind: Kind, word: str) -> list[str]:
    """Return the addresses that a search answers with, best first."""
    tab.goto(f"{site}/{kind.asked.format(quote(word))}")
    try:
        tab.wait_for_function(kind.answered, timeout=4000)
    except NotAnswered:
        return []
    if kind.scrolled:
        for _ in range(4):
            tab.locator(kind.scrolled).evaluate(SCROLL)
            tab.wait_for_timeout(50)
    links = tab.locator(kind.results)
    return list(links.evaluate_all("all => all.map(one => one.href)"))


def _page_of(site: str, address: str) -> str:
    path = unquote(urlsplit(address).path).lstrip("/")
    return f"{path}index.html" if path.endswith("/") or not path else path


def ask(
    browser: Browser, site: str, kind: Kind, texts: dict[str, str], words: Iterable[str]
) -> dict[str, Any]:
    """Ask for every word; return how much is found, and how much of it is right."""
    wanted = found = right = 0
    missed, wrong = [], []
    tab = _closed(browser)
    for word in words:
        truth = pages_with(texts, word)
        answer = {_page_of(site, one) for one in _found(tab, site, kind, word)}
        answer &= set(texts)
        wanted += len(truth)
        found += len(answer)
        right += len(truth & answer)
        missed += [word] if truth - answer else []
        wrong += [word] if answer - truth else []
    tab.context.close()
    return {
        "recall": right / max(1, wanted),
        "precision": right / max(1, found),
        "missed": missed[:8],
        "wrong": wrong[:8],
    }


def answers(browser: Browser, site: str, kind: Kind, words: Iterable[str]) -> bool:
    """Whether the search answers at all, at an address where it may not."""
    tab = _closed(browser)
    found = any([_found(tab, site, kind, word) for word in words])
    tab.context.close()
    return found


def opened_at(
    browser: Browser, site: str, kind: Kind, words: Iterable[str]
) -> dict[str, int]:
    """Follow the first answer for words of one framework; count those then seen."""
    counts = {"asked": 0, "seen": 0}
    for word in words:
        tab = _closed(browser)
        addresses = _found(tab, site, kind, word)
        counts["asked"] += 1
        if addresses:
            tab.goto(addresses[0])
            tab.wait_for_timeout(700)
            seen = tab.locator(kind.article).first.inner_text()
            counts["seen"] += word.lower() in seen.lower()
        tab.context.close()
    return counts
