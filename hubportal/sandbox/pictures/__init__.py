"""The sandbox's painter: a prompt becomes a pleasant abstract picture of exactly the size asked for.

Knows Pillow and nothing of HTTP, credits or records. `draw.paint` is the one door.
"""
