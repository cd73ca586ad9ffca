"""The pages about teams. A view parses what was sent, calls an act, and renders."""
