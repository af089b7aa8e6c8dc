"""What readers see as one: the same article (identity), the same event (grouping). Pure: values in, values out."""
