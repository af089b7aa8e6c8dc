"""Use cases: each a table of contents of what the packages do."""
