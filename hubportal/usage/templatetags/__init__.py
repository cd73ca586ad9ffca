"""What this room's templates may call: words of a budget, nothing that asks the database anew."""
