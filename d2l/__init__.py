"""The functions of the book, one module per framework.

    from d2l import torch as d2l

    d2l.try_gpu()

Importing this package alone imports no framework. The modules next to this file
are generated from the text of the book.
"""

import os

__version__ = "0.1.0"


def _warn_of_namesake() -> None:
    """Warn where D2L's own distribution, `d2l`, is installed over the same files."""
    # not by importlib.metadata, which takes ten times as long as all of this
    site = os.path.dirname(os.path.dirname(__file__))
    beside = os.listdir(site) if os.path.isdir(site) else ()
    for folder in [name for name in beside if name.startswith("d2l-")]:
        record = os.path.join(site, folder, "RECORD")
        if not os.path.isfile(record):
            continue
        with open(record, encoding="utf-8") as lines:
            if not any(line.startswith("d2l/__init__.py,") for line in lines):
                continue
        import warnings

        warnings.warn(
            f"d2l-computation and {folder.partition('.dist-info')[0]} are installed in "
            f"{site} and own the same files, d2l/torch.py for one: the later one has "
            "replaced the other's, and removing either takes files from both. Use an "
            "environment for each. To mend this one: pip uninstall d2l d2l-computation, "
            "then install the one that you want.",
            stacklevel=3,  # where d2l is imported
        )


_warn_of_namesake()


def __getattr__(name: str) -> object:
    """Say which modules exist when somebody asks for something else."""
    import pkgutil
    import sys

    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    message = f"d2l has no {name}; it has {', '.join(modules) or 'no module yet'}"
    for module in modules[-1:]:
        message += f". Write, for example: from d2l import {module} as d2l"
    # `from d2l import name` asks here before it looks for a module, and words
    # an error of its own if we raise AttributeError
    importing = sys._getframe(1).f_code.co_name == "_handle_fromlist"
    if importing and name not in modules and not name.startswith("__"):
        raise ImportError(message, name=f"d2l.{name}", path=__file__)
    raise AttributeError(message)
