"""Who you are: the person, what they prefer, and how they sign in.

May import: Django, allauth and sealing. Must not know: teams, keys, or anything a person may do; an invitation
comes here only as the permission to make an account (`invited`).
"""
