"""Run notebooks on other machines, through a Dask scheduler.

`announce` names what a worker has, `payload` is what travels, `task` runs it on
the worker, `worker` is `bookkit worker`, `client` is `bookkit run --cluster`.
Nothing of this, and no `distributed`, is imported by a run without a cluster.
"""
