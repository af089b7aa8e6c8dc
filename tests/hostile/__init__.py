"""What the internet sends at its worst: the shared hostile input against the whole product."""
