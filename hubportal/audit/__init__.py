"""The append-only record of acts: who did what to what, in which team, when and from where.

Rooms above declare their actions and the words of their details (`actions`), and record an entry inside the act it
tells of (`AuditEntry.objects.record`). May import: accounts. Must not know: which actions there are, roles, pages.
"""
