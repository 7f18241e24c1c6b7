"""The functions of the book, one module per framework.

    from d2l import torch as d2l

    d2l.try_gpu()

Importing this package alone imports no framework. Everything next to this file
is generated from the text of the book.
"""

__version__ = "0.1.0"


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
