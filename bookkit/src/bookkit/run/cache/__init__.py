"""Content-addressed results: what ran once with the same meaning is not run again.

The key is made of all that can change an output and of nothing else (prose,
other tabs, file times and paths are not in it). An entry that cannot be read
is ignored with a notice, never trusted. A store that fails does not fail a build:
a notice says so, and the notebook runs again.
"""

from bookkit.run.cache.entries import Entry
from bookkit.run.cache.folder import Folder
from bookkit.run.cache.ledger import Ledger
from bookkit.run.cache.parts import Parts, hash_files, hash_json, hash_text
from bookkit.run.cache.stores import Stores, open_stores

__all__ = [
    "Entry",
    "Folder",
    "Ledger",
    "Parts",
    "Stores",
    "hash_files",
    "hash_json",
    "hash_text",
    "open_stores",
]
