"""The process that forks kernels. Standard library and ipykernel only.

This folder is run by path with the Python of a kernel's environment, where nothing
of ours is installed; see `__main__`. It owns the server, one keeper per kernel and
the first steps of a forked kernel. It must never import from the rest of the tool.

Code here runs on Python 3.9 and later.
"""
