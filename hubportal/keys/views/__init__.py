"""The pages about keys: the list with what is added to it (key_list.py), and the changes of one key (changes.py)."""
