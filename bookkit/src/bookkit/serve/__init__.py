"""Read the book while writing it: a server on this machine that rebuilds on save.

| module | its one responsibility |
|---|---|
| `session` | one `bookkit serve`: what runs beside what, and the end of all of it |
| `addresses` | the socket, the address to open, the names a request may call us by |
| `sources` | which files are the book, and that one of them was saved |
| `builds`, `worker` | the process that builds, from its owner's side and from inside |
| `told`, `notes` | what that process says of a build, and of which page |
| `live` | what open pages are told: which site there is, what goes on, what is wrong |
| `app` | the site over HTTP, with `static/live.js` added to its pages |

The site's files are never changed: what a page needs to renew itself is added to
the answer. Frameworks stay imported between builds, because one process does them.
"""
