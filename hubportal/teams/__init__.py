"""What people may do together: teams, their settings and members, invitations, roles, ownership; the audit log's page.

Each act is one function in the module of its subject (`teams`, `memberships`, `invitations`, `ownership`, `people`); it
checks, writes, audits and nudges, and is called by views, commands and single sign-on alike (`oidc_sync`). Every page
of a team is guarded by `access.team_view`, which checks the role against the one table in `permissions`.

May import: accounts, audit, listing and the ground floor. Must not know: keys, credits, generations.
"""
