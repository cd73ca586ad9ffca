"""Who you are: the person, what they prefer, and how they sign in.

May import: Django and allauth. Must not know: teams, keys, or anything a person may do.
"""
