"""Frozen values that travel between packages: no package's own types, no behaviour beyond reading themselves."""
