"""What it costs: the append-only ledger, what is reserved, and the pages that add it up.

May import: keys, teams, accounts, spreadsheet. Must not know: generations (it is told an id), prompts, pictures.
"""
