"""What you may do: the team and its settings, its members and whom they invite, roles, the audit trail.

Two things here are everybody's: `access.team_view`, the one door to every team page, and `audit.note`, the one pen of
the trail. What single sign-on says of teams is followed here too (`claims`).

May import: accounts, paging, days, spreadsheet. Must not know: keys, credits, generations.
"""
