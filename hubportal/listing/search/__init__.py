"""Search for every list: rows are found by words and facts in an index of their own, newest first.

Rooms say what is to be found of their rows (index.py) and what a page asks for (query.py). docs/decisions/search.md
"""
