"""Copies of what must not be lost."""
