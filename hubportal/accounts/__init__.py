"""Who you are: the person, what they prefer, and every way to sign in: password, second steps, single sign-on.

May import: Django, allauth and encryption. Must not know: teams, keys, or anything a person may do; an invitation
comes here only as the permission to make an account (`signup.allow_signup`).
"""
