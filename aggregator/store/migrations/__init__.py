"""Schema changes, in order. Each is written by hand and tested from every earlier version with data."""
