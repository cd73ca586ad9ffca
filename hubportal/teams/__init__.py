"""What you may do: the team, its members and whom they invite, their roles, and the one door to every team page.

May import: accounts. Must not know: keys, credits, generations.
"""
