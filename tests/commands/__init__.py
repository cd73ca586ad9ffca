"""The commands people run first, run as they run them: the real scripts, in a copy of the checkout."""
