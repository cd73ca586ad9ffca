"""The hub's room: GPT Image Hub's API as Python, and the guarded fetching of its pictures.

Lives here: HubClient (client.py), the records it gives (records.py), picture sizes (sizes.py), errors that
say what may be done next (errors.py), fetch_image (download.py). Everything the outside says is read in this
room, tolerantly, and leaves it as one of our types: no response, socket or library exception gets out.

May import: the standard library, requests, urllib3. Must not know: Django, settings, the database, people's
language, or any other room.
"""
