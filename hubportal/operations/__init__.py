"""The engine room: health, metrics, logs, headers, and the commands that look at all rooms at once.

May import: every room. No room may import it.
"""
