"""The team's keys to the hub: keeping them, order, health and retiring, choosing one; what the hub says of itself.

May import: teams, accounts, hub, sealing. Must not know: the ledger, generations, pages about pictures.
A secret is unsealed in `vault.py` alone, at the moment a client is built; one found in what somebody pasted, and not
kept yet, in `found.py`.
"""
