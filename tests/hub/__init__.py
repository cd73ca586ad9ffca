"""The hub's room, tested against real sockets that behave as badly as the internet does."""
