"""The store: the only SQL, the only SQLModel. Rows never leave this package; values do."""
