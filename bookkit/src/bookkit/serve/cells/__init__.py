"""Cells that a reader runs in the page: one web socket, and the kernels behind it.

| module | its one responsibility |
|---|---|
| `gate` | who may come in: who shows this run's token, compared in constant time |
| `socket` | one open page: its first message, its orders, what it is told |
| `visits` | all readers: which kernel belongs to whom, within the limits |
| `orders` | what pages ask for |
| `runner` | one tab of one reader's page: what is to be run, and its kernel's life |
| `kernel` | one kernel: its process and its channels |
| `launching` | what a kernel starts with: folder, files, environment, warm server |
| `outputs` | what a running cell gives, in the form that pages show it |
| `given` | what cells gave last, for pages that come later |
| `service` | the end point, and Jupyter's client imported behind it |
| `memory` | how much memory a kernel and what it started takes |

Messages are JSON objects with a `type`. A page sends:

    hello      token, page ("chapter/section"), reader (an id of its own choice), and
               perhaps tab: what the page shows, so that its framework is imported
    start      tab: have a kernel ready before it is needed
    execute    tab, id, cell, code: put at the end of the kernel's queue; `mark`: what
               the page calls this code; `forgets`: cells that used what this one makes
               anew; `goes_on`: its failure leaves what waits behind it alone
    interrupt, restart, stop     tab
    answer     tab, id, text: what the reader typed for an `input`
    complete, inspect            tab, id, code, cursor (in Unicode code points)

and is told:

    ready        tabs: each with its `state` (ready, missing, unavailable), `text`,
                 `next`; kernels: by tab `state`, `generation`, `text`, `ran` (cell ->
                 the mark of the code that ran last and well, its SHA-256 without one)
    kernel       tab, state (starting, idle, busy, dead, restarted, queued),
                 generation, text
    running      tab, id, cell, `forgets`
    done         tab, id, cell, `mark`, status (ok, error, aborted, interrupted, died),
                 seconds
    output       tab, id, cell, output; `display` names what later ones may replace,
                 `replaces` what this one replaces
    clear        tab, id, cell
                 (these with `again`: what a page that comes now has missed)
    input        tab, id, cell, prompt, password
    completions  id, start, end, matches
    help         id, text
    problem      text, next

An `output` is one of `{kind: text, name, text}`, `{kind: picture, mime, data,
caption, size}`, `{kind: html, html}`, `{kind: math, html}` and `{kind: cut, text}`.

Text comes in pieces. A piece with `new` begins a block; another one is added to the
last block. If it has `keep`, only so many UTF-16 units of that block stay before it:
progress bars are written over. `name` is the block's name from then on.
"""
