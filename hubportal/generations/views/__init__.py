"""The pages of this room. Each view parses, calls one act, and renders."""
