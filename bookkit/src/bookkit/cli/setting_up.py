"""Commands that get machines ready: environments, kept results, workers."""

from __future__ import annotations

import click

from bookkit.cli.group import cli
from bookkit.cli.options import config_of


@cli.command()
@click.option("--python", default="", help="With this version where possible: 3.12.")
@click.option(
    "--gpu",
    type=click.Choice(["auto", "yes", "no"]),
    default="auto",
    show_default=True,
    help="Builds for GPUs; auto: where there is one.",
)
@click.option("--again", is_flag=True, help="Make those of the tabs anew.")
@click.pass_context
def environments(context: click.Context, python: str, gpu: str, again: bool) -> None:
    """Make the environments that are missing or stale; `--again`: those of tabs."""
    from bookkit.kernels import installing

    config = config_of(context)
    tabs = [tab.name for tab in config.tabs] if again else []
    installing.ensure(config, installing.wished(python, gpu, tabs))


@cli.command()
@click.option("--newest", is_flag=True, help="The newest of all, whatever is pinned.")
@click.pass_context
def lock(context: click.Context, newest: bool) -> None:
    """Renew the lock files from their `.in` files."""
    from bookkit.kernels import locks

    for path in locks.renew(config_of(context), newest):
        click.echo(f"Lock: {path}")


@cli.command()
@click.option("--prune", is_flag=True, help="Remove results not used for long.")
@click.option("--max-size", metavar="SIZE", help="Prune to at most this, e.g. 500MB.")
@click.option("--max-age", metavar="AGE", help="Prune what is older, e.g. 30d.")
@click.pass_context
def cache(
    context: click.Context, prune: bool, max_size: str | None, max_age: str | None
) -> None:
    """Tell how many results are kept, how large and how useful; or prune them."""
    from bookkit.run.cache import describe

    config = config_of(context)
    if prune:
        click.echo(describe.prune(config, max_size, max_age))
    elif max_size or max_age:
        raise click.UsageError("--max-size and --max-age go with --prune")
    click.echo("\n".join(describe.describe(config)))


@cli.command()
@click.argument("address")
@click.option("-j", "--slots", default=0, help="Notebooks at a time; 0: one a core.")
@click.pass_context
def worker(context: click.Context, address: str, slots: int) -> None:
    """Run notebooks for the Dask scheduler at ADDRESS until it is stopped."""
    from bookkit.run.cluster.worker import serve

    serve(config_of(context), address, slots, click.echo, context.obj["verbose"])
