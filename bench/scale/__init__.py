"""Pages of a team with 10,000 pictures and with a million: what they take of the server and of the database."""
