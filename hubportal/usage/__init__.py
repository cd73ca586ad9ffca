"""What it costs: the append-only ledger, its totals by day and month, what is reserved, projects and budgets,
and the pages that show them.

May import: keys, teams, audit, accounts, date_range, csv_export, hub. Must not know: generations (it is told an id and
what it needs to know of one), prompts, pictures.
"""
