"""The team's keys to the hub: sealing them, their health, choosing one, and what the hub says of itself.

May import: teams, accounts, hub. Must not know: the ledger, generations, pages about pictures.
A secret is unsealed in `vault.py` alone, at the moment a client is built.
"""
