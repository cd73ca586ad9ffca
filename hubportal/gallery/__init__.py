"""Looking back: the page of pictures, and the stored files that people may open or save.

May import: generations and everything below. Must not know: how a generation is sent or looked after.
"""
