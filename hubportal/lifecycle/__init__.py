"""What ends: the deletion of a team, the retirement of a key, what people who left have left behind;
what is kept for a time only, such as sessions and audit entries.

Above every room that keeps something, since only here all of it is known. May import: every room below operations.
Must not know: which engine runs its tasks.
"""
