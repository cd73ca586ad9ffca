"""The sandbox hub: a stand-in server that speaks the API of GPT Image Hub, so that the site can be tried for nothing.

It keeps keys, credits and a ledger in a SQLite file of its own, paints pictures instead of asking a provider, and
misbehaves on request (see `troubles`). Started by `python -m hubportal.sandbox`, or inside a test by
`server.RunningSandbox`.

May import the hub's words (`hubportal.hub.image_models`, `hubportal.hub.sizes`) and nothing else of ours. Must not know
Django, nor the client that talks to it.
"""
