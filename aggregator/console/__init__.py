"""The staff console: what curators do in the browser. It calls jobs only, in a process of its own."""
