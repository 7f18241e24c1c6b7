"""`python -m bookkit`, for where the script's folder is not on the path."""

from bookkit.cli import main

main()
