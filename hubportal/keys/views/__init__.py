"""The pages about keys: the list with what is added to it (key_list.py), the changes of one key (changes.py).

And the notice that the hub is a sandbox (sandbox_notice.py).
"""
