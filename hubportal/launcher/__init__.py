"""What bin/run and bin/manage do: the defaults both share, and the processes of a running site.

Lives here: what interface.md promises of `./bin/run`. It stands on the roof and may import anything, but starts the
site in processes of its own and so imports none of it (but prepare.py does); nothing else imports the launcher.
It must not know what the processes do, only how each is started, when it is ready and how it is stopped.
"""
