"""Frozen values that travel from room to room. No room's own types, no behaviour beyond reading themselves."""
