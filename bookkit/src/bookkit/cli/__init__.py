"""The command line: parse, call one function, print, return an exit code.

0 clean, 1 the book has findings, 2 usage or configuration, 3 a bug of ours.

| module | has |
|---|---|
| `reading`, `writing`, `publishing`, `setting_up` | the commands of a group each |
| `group`, `options` | what they are in, and what they have in common |
| `ending` | `main`: errors and exit codes |
"""

# The first add their commands to the group
from bookkit.cli import publishing, reading, setting_up, writing
from bookkit.cli.ending import main
from bookkit.cli.group import GROUPS, cli

__all__ = ["GROUPS", "cli", "main", "publishing", "reading", "setting_up", "writing"]
