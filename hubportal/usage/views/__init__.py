"""The pages of credits and of projects: they parse, call the act and render."""
