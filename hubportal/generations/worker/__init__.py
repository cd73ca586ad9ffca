"""The worker's steps: send, poll, download, sweep. Each takes a lease, and holds no transaction over the network.

The tasks of this room call them (tasks.py); they know nothing of the engine that runs tasks.
"""
