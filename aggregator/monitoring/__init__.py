"""Check whether the installation is well, and report what needs a person."""
