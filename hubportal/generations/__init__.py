"""The work: a generation from the prompt form to the kept picture, its verbs, the worker's steps, the cards.

Who works knows what still needs what, so three ends are here too: of a retiring key (`retiring`), of a team
(`clearing`), and of what people leave behind (`departed`).

May import: usage, keys, teams, accounts, hub, and the ground floor. Must not know: the gallery, or which engine runs
its tasks.
The record is the truth; a task is only a nudge that may run twice or never.
"""
