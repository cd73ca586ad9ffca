"""What you may do: the team, its members, their roles, and the one door every team page goes through.

May import: accounts. Must not know: keys, credits, generations.
"""
