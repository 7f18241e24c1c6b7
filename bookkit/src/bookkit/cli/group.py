"""The group of all commands, and what its help says of them."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from bookkit import __version__


def _tab_names(
    context: click.Context, option: click.Parameter, value: str
) -> list[str]:
    return value.replace(",", " ").split()


#: Every command is in one of these, as every target of a Makefile should be.
GROUPS = {
    "Read": "build serve read lab",
    "Write": "adopt check run explain lib addresses",
    "Publish": "notebooks publish-notebooks course d2lbook archive",
    "Set up": "environments lock cache worker",
}


class _Grouped(click.Group):
    """Lists its commands in groups, and says of each all that is to be said."""

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the commands, a list for each group."""
        for title, names in GROUPS.items():
            found = [(name, self.commands[name]) for name in names.split()]
            with formatter.section(title):
                formatter.write_dl(
                    [(name, one.get_short_help_str(999)) for name, one in found]
                )


@click.group(cls=_Grouped, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="bookkit")
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    default=Path("."),
    help="The book's folder, the one with config.ini.",
)
@click.option(
    "--tabs",
    default="",
    callback=_tab_names,
    help="Only these tabs, e.g. pytorch,mxnet. Default: all of config.ini.",
)
@click.option("-v", "--verbose", is_flag=True, help="Show what d2lbook and Sphinx say.")
@click.pass_context
def cli(context: click.Context, root: Path, tabs: list[str], verbose: bool) -> None:
    """Build, run and prove a multi-framework book in d2lbook's format."""
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s: %(message)s")
    context.obj = {"root": root, "tabs": tabs, "verbose": verbose}
