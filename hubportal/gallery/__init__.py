"""Looking back: the page of pictures, what people put on them to find them again, the bin, and the
stored files that they may open or save.

Inside: `tags`, `collections`, `selection` (acts on many), `archive` (the ZIP) and `conversion` (other formats).

May import: generations and everything below. Must not know: how a generation is sent or looked after.
"""
