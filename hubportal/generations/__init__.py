"""The work: a generation from the prompt form to the kept picture, its verbs, the worker's steps, the cards.

May import: usage, keys, teams, accounts, hub. Must not know: the gallery, or which engine runs its tasks.
The record is the truth; a task is only a nudge that may run twice or never.
"""
