"""Build, run and prove multi-framework books written in d2lbook's format.

Importing this package imports the standard library only: the bootstrap
(`python -m bookkit.kernels.environments`) runs it before any environment exists.
"""

__version__ = "0.1.0"
