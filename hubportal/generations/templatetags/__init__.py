"""What this room's templates may call: words and shapes of a generation, nothing that asks the database anew."""
