"""The benchmarks, and the test that crashes the worker over and over: `./bin/bench`, explained in docs/speed.md.

Lives here: loads, measurements, the comparison of our records with the hub's ledger. Nothing of the product
imports this. May import anything of the product, and tests.postgres. What each measurement is held against is measured
on the same machine in the same run, so that a bound means the same everywhere.
"""
