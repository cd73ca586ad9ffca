"""Killing the worker at random over a running load, and comparing our records with the hub's ledger, one to one.

Lives here: the load, the crew of workers and what kills them, the evidence of both sides, the judge. The judge knows
plain facts alone, so that it can be tested by itself (tests/crash).
"""
