"""Tags: words of the team on pictures, and what is done to a tag itself."""
