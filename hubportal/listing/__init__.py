"""What every list page shares: its filter form with a person field, its text search, its pages.

Rooms declare their own fields and querysets. May import: date_range. Must not know: any room, or its models.
"""
