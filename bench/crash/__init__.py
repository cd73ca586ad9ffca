"""Killing the worker at random over a running load, and comparing our records with the hub's ledger, one to one.

Lives here: the load, the workers or the whole site and what kills them, the records of both sides, the comparison.
The comparison knows neither Django nor the sandbox, so that it can be tested by itself (tests/crash).
"""
