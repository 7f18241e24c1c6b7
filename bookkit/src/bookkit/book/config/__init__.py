"""`config.ini` as one frozen record.

The file is d2lbook's own, so plain d2lbook reads it too; what bookkit adds
stands in `[bookkit]` and in one `[bookkit-TAB]` per tab. Standard library only.
"""

from __future__ import annotations

import configparser
import difflib
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bookkit.book.config.colab import ColabSettings, read_colab
from bookkit.book.config.gpu import GpuBuild, read_gpu
from bookkit.book.config.keys import (
    BOOKKIT_KEYS,
    D2LBOOK_KEYS,
    FILE_KEYS,
    LIBRARY_TAB_KEYS,
    TAB_KEYS,
)
from bookkit.book.config.store import StoreSettings, read_store
from bookkit.errors import ConfigError, UsageError, explain

CONFIG_NAME = "config.ini"


@dataclass(frozen=True)
class Tab:
    """One framework's variant of the book.

    `kept` is a folder of the book for results of machines that can run it; `aliases`
    are the beginnings of `d2l.NAME(` that d2lbook replaces.
    """

    name: str
    title: str
    preload: tuple[str, ...]
    compile: tuple[str, ...]
    lock: Path
    environment: Path
    kernel: str
    library: Path | None
    pythons: tuple[str, ...]
    platforms: tuple[str, ...]
    limits: str
    gpu: GpuBuild | None
    frozen: bool
    variables: tuple[tuple[str, str], ...]
    kept: Path | None
    aliases: tuple[str, ...]

    @property
    def python(self) -> Path:
        """Return the interpreter of the tab's environment."""
        return self.environment / "bin" / "python"


@dataclass(frozen=True)
class Config:
    """One book: where it is, what it is made of, and its limits.

    `further` are the patterns of all keys that name files beside the sections.
    """

    root: Path
    name: str
    title: str
    language: str
    index: str
    notebooks: tuple[str, ...]
    exclusions: tuple[str, ...]
    bibfile: str
    further: tuple[str, ...]
    output: Path
    environments: Path
    locks: Path
    pythons: tuple[str, ...]
    cell_timeout_s: float
    notebook_timeout_s: float
    slow_notebook_s: float
    cell_output_limit_kb: int
    store: StoreSettings
    colab: ColabSettings
    all_tabs: tuple[Tab, ...]
    tabs: tuple[Tab, ...]

    @property
    def default_tab(self) -> Tab:
        """Return the tab that untagged cells belong to."""
        return self.all_tabs[0]

    @property
    def tab_names(self) -> tuple[str, ...]:
        """Return the names of every tab of the book, selected or not."""
        return tuple(tab.name for tab in self.all_tabs)

    @property
    def build_environment(self) -> Path:
        """Return the environment that bookkit and d2lbook run in."""
        return self.environments / "build"

    def tab(self, name: str) -> Tab:
        """Return one tab by name."""
        for tab in self.all_tabs:
            if tab.name == name:
                return tab
        raise UsageError(_unknown("tab", name, self.tab_names, "--tabs"))


def load(root: Path, tabs: Sequence[str] = ()) -> Config:
    """Read `root/config.ini`; `tabs` selects some of its tabs, none means all.

    Raises:
        ConfigError: the file is missing, unreadable, or has an unknown key or a
            value of the wrong kind.
        UsageError: `tabs` names a tab the book does not have.
    """
    path = root / CONFIG_NAME
    parser = _parse(path)
    _reject_unknown(parser, path)
    get = parser.get
    names = _tab_names(parser, path)
    own = {
        key: get("bookkit", key, fallback=default)
        for key, default in BOOKKIT_KEYS.items()
    }
    environments, locks = root / own["environments"], root / own["locks"]
    all_tabs = tuple(_tab(parser, path, name, environments, locks) for name in names)
    _reject_shared(path, all_tabs)
    chosen = _select(all_tabs, tabs)
    return Config(
        root=root,
        name=get("project", "name", fallback="book"),
        title=get("project", "title", fallback=""),
        language=get("project", "lang", fallback="en") or "en",
        index=get("build", "index", fallback="index").removesuffix(".md"),
        notebooks=_words(get("build", "notebooks", fallback="**/*.md")),
        exclusions=_words(get("build", "exclusions", fallback="")),
        bibfile=get("pdf", "bibfile", fallback=""),
        further=_words(" ".join(get(*key, fallback="") for key in FILE_KEYS)),
        output=root / get("build", "output_dir", fallback="_build"),
        environments=environments,
        locks=locks,
        pythons=_pythons(path, "bookkit", own["pythons"]),
        cell_timeout_s=_positive(path, "cell_timeout_s", own),
        notebook_timeout_s=_positive(path, "notebook_timeout_s", own),
        slow_notebook_s=_positive(path, "slow_notebook_s", own),
        cell_output_limit_kb=int(_positive(path, "cell_output_limit_kb", own)),
        store=read_store(own, functools.partial(_place, path, "bookkit")),
        colab=read_colab(
            parser, own["colab_branch"], names, functools.partial(_place, path)
        ),
        all_tabs=all_tabs,
        tabs=chosen,
    )


def _reject_shared(path: Path, tabs: Sequence[Tab]) -> None:
    """Refuse a folder of results for two tabs: each would delete the other's."""
    owners: dict[Path, str] = {}
    for tab in tabs:
        if tab.kept and owners.setdefault(tab.kept, tab.name) != tab.name:
            place = f"{path}:{_line(path, f'bookkit-{tab.name}', 'kept')}"
            found = f"[bookkit-{owners[tab.kept]}] names the same folder"
            raise ConfigError(explain(place, found, "a folder for each tab"))


def _tab_names(parser: configparser.ConfigParser, path: Path) -> tuple[str, ...]:
    names = _words(parser.get("build", "tabs", fallback=""))
    if not names:
        raise ConfigError(
            explain(
                f"{path}: [build] tabs",
                "no tab is named",
                "at least one, for example `tabs = pytorch, mxnet`",
            )
        )
    return names


def _parse(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
        for section in parser.sections():
            parser.items(section)  # a lone `%` is an error only when it is read
    except FileNotFoundError:
        raise ConfigError(
            explain(
                str(path),
                "no such file",
                "the book's folder, which has a config.ini",
                "cd to the book, or pass --root FOLDER",
            )
        ) from None
    except (configparser.Error, OSError, UnicodeDecodeError) as error:
        raise ConfigError(explain(str(path), f"cannot be read: {error}")) from None
    return parser


def _reject_unknown(parser: configparser.ConfigParser, path: Path) -> None:
    tabs = _words(parser.get("build", "tabs", fallback=""))
    known: dict[str, frozenset[str]] = dict(D2LBOOK_KEYS)
    known["bookkit"] = frozenset(BOOKKIT_KEYS)
    for name in tabs:
        known[f"library-{name}"] = LIBRARY_TAB_KEYS
        known[f"bookkit-{name}"] = frozenset(TAB_KEYS)
    for section in parser.sections():
        if section not in known:
            raise ConfigError(
                _unknown("section", section, known, f"{path}:{_line(path, section)}")
            )
        for key in parser[section]:
            if key not in known[section]:
                place = f"{path}:{_line(path, section, key)}"
                raise ConfigError(
                    _unknown(f"key in [{section}]", key, known[section], place)
                )


def _place(path: Path, section: str, key: str) -> str:
    return f"{path}:{_line(path, section, key)}"


def _line(path: Path, section: str, key: str | None = None) -> int:
    """Find the line a section or key stands on, for the message only."""
    inside = False
    for number, text in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if text.startswith("["):
            inside = text.strip() == f"[{section}]"
            if inside and key is None:
                return number
        elif inside and key and re.match(rf"{re.escape(key)}\s*[=:]", text, re.I):
            return number
    return 1


def _unknown(kind: str, name: str, known: Iterable[str], place: str) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"perhaps `{near[0]}`; " if near else ""
    return explain(
        place, f"unknown {kind} `{name}`", f"{hint}known: {', '.join(names)}"
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[\s,]+", text.strip()) if word)


def _positive(path: Path, key: str, values: Mapping[str, str]) -> float:
    try:
        number = float(values[key])
        if number > 0:
            return number
    except ValueError:
        pass
    raise ConfigError(
        explain(
            f"{path}:{_line(path, 'bookkit', key)}",
            f"{key} = {values[key]!r}",
            "a number above 0",
        )
    )


def _tab(
    parser: configparser.ConfigParser,
    path: Path,
    name: str,
    environments: Path,
    locks: Path,
) -> Tab:
    section = f"bookkit-{name}"
    own = {
        key: parser.get(section, key, fallback=default)
        for key, default in TAB_KEYS.items()
    }
    library = parser.get(f"library-{name}", "lib_file", fallback="")
    pythons = own["pythons"] or parser.get(
        "bookkit", "pythons", fallback=BOOKKIT_KEYS["pythons"]
    )
    return Tab(
        name=name,
        title=own["title"] or name,
        preload=_words(own["preload"]),
        compile=_words(own["compile"]),
        lock=locks / f"{name}.txt",
        environment=environments / name,
        kernel=f"{parser.get('project', 'name', fallback='book')}-{name}".lower(),
        library=path.parent / library if library else None,
        pythons=_pythons(path, section, pythons),
        platforms=_words(own["platforms"]),
        limits=own["limits"],
        gpu=read_gpu(own, functools.partial(_place, path, section)),
        frozen=own["frozen"].lower() == "true",
        variables=_variables(path, section, own["environment"]),
        kept=_kept(path, section, own["kept"]),
        aliases=tuple(_aliases(parser, f"library-{name}")),
    )


def _aliases(parser: configparser.ConfigParser, section: str) -> Iterator[str]:
    """Yield what d2lbook replaces.

    A `simple_alias` is replaced as plain text, so `log` stands for every name that
    begins so; one that ends with a parenthesis, like `rand(`, for itself.
    """
    for key, separator, end in (
        ("simple_alias", r"[,\n]", ""),
        ("fluent_alias", r"[,\n]", "("),
        ("args_alias", r"\n", "("),
    ):
        text = parser.get(section, key, raw=True, fallback="")
        for entry in filter(str.strip, re.split(separator, text)):
            name = entry.split("->")[0].strip()
            yield (name.split("(")[0] if key == "args_alias" else name) + end


def _pythons(path: Path, section: str, text: str) -> tuple[str, ...]:
    """Read versions such as 3.11, and put the newest last."""
    for word in _words(text):
        if not re.fullmatch(r"3\.\d+", word):
            place = f"{path}:{_line(path, section, 'pythons')}"
            raise ConfigError(explain(place, f"`{word}`", "a version such as 3.11"))
    return tuple(sorted(_words(text), key=lambda word: int(word.split(".")[1])))


def _variables(path: Path, section: str, text: str) -> tuple[tuple[str, str], ...]:
    """Read `NAME=VALUE` lines, the environment variables of a tab's kernels."""
    pairs = []
    for row in filter(None, map(str.strip, text.splitlines())):
        name, sign, value = row.partition("=")
        if not sign or not re.fullmatch(r"[A-Za-z_]\w*", name):
            place = f"{path}:{_line(path, section, 'environment')}"
            raise ConfigError(explain(place, f"`{row}`", "a line NAME=VALUE"))
        pairs.append((name, value))
    return tuple(pairs)


def _kept(path: Path, section: str, text: str) -> Path | None:
    """Read the name of a folder below the book's own."""
    if not text:
        return None
    name = PurePosixPath(text)
    if name.is_absolute() or ".." in name.parts or not name.parts:
        place = f"{path}:{_line(path, section, 'kept')}"
        expected = "a folder of the book, such as kept/mxnet"
        raise ConfigError(explain(place, f"kept = {text!r}", expected))
    return path.parent / name


def _select(all_tabs: tuple[Tab, ...], names: Sequence[str]) -> tuple[Tab, ...]:
    known = [tab.name for tab in all_tabs]
    for name in names:
        if name not in known:
            raise UsageError(_unknown("tab", name, known, "--tabs"))
    return tuple(tab for tab in all_tabs if not names or tab.name in names)
