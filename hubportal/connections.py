"""This thread's database connections, given back before a wait. Ground floor: it knows no room."""

from django.db import connections


def release_connections() -> None:
    """Give them back to the pool before a wait for the network, so that whoever is slow uses up none of them.

    The next query takes one again. Within a transaction, as tests have it, nothing is given back. SQLite's stay open:
    they are files of this process, for which nobody waits.
    """
    for connection in connections.all(initialized_only=True):
        if connection.vendor != "sqlite" and not connection.in_atomic_block:
            connection.close()
