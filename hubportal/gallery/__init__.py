"""Looking back: the wall of pictures, and the door the bytes go out by.

May import: generations and everything below. Must not know: how a generation is sent or followed.
"""
