"""What is remembered: the only SQL, the only SQLModel. Rows never leave this room; values do."""
