"""Many originals as one ZIP file, streamed while it is made. Must not know: who chose them, and how."""
