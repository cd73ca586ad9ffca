"""bin/run and bin/manage from the inside: the defaults both share, and the processes a running site is made of.

Lives here: what interface.md promises of `./bin/run`. It stands on the roof and may import anything, but starts the
site's parts as processes of their own and so imports none of them; nothing else imports the launcher.
It must not know what the parts do, only how each is started, when it is ready and how it is stopped.
"""
