"""Choosing pictures in the gallery, and one act on all that is chosen."""
