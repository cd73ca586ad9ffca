"""Drawing: a prompt becomes an abstract picture of exactly the size asked for (`render.render_image`).

Knows Pillow and nothing of HTTP, credits or records.
"""
