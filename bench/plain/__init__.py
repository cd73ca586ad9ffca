"""The machine's own reference for a form POST: Django as `startproject` makes it, and one view that inserts one row.

Lives here: its settings, its model, its view. It knows of Hubportal only the database settings, which it shares.
"""
