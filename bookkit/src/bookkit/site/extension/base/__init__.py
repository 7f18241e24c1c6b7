"""What all parts need: the book, its tabs, the page itself.

The scripts hold the reader's choice of framework: `head.js` applies it before the first
paint, `choice.js` changes it, `staying.js` keeps the reader's place, `links.js` passes
it on.
"""
