"""`bin/fresh`: the two commands on machines that have nothing, made by debootstrap. Not part of bin/test: it takes
root, the network, half an hour and two gigabytes.

`machines` makes a bare Debian and runs a command in it, `index` is a package index whose certificate only the machines
that are told of it trust, `cases` says what is tried and what must come of it, `report` writes the table.
"""
