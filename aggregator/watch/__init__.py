"""Is it well, and what needs a person."""
