"""GPT Image Hub's API as Python, and the guarded download of its images.

Lives here: HubClient (client.py), the records it returns (records.py), image sizes (sizes.py), errors that say
whether a request may be repeated (errors.py), fetch_image (download.py). Responses are read tolerantly and leave this
room as one of its types: no HTTP response, socket or library exception gets out.

May import: the standard library, requests, urllib3. Must not know: Django, settings, the database, the language of
people, or any other room.
"""
