"""The team's keys to the hub: their secrets, order, health and end, choosing one; the hub's model list.

May import: teams, audit, accounts, encryption, hub. Must not know: the ledger, generations, pages about pictures.
A secret is decrypted in `clients.py` alone, at the moment a client is built; one found inside of what somebody pasted,
and not added yet, in `views/key_list.py`.
"""
