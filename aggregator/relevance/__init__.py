"""Is it on topic? Which topics, what sort of evidence, and why. Pure: values in, values out."""
