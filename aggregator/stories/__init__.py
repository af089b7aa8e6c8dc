"""Decide what readers see as one story: the same article (identity), the same event (grouping). Pure."""
