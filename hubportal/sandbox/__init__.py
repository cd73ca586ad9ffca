"""The sandbox hub: a stand-in server that speaks the API of GPT Image Hub, so that the site can be tried for nothing.

It stores keys, credits and a ledger in a SQLite file of its own, draws images instead of asking a provider, and
injects faults on request (see `faults`). Started by `python -m hubportal.sandbox`, or inside a test by
`server.RunningSandbox`. It needs aiohttp, which nothing else here does.

May import the hub's models and sizes (`hubportal.hub.image_models`, `hubportal.hub.sizes`) and nothing else of ours.
Must not know Django, nor the client that talks to it.
"""
