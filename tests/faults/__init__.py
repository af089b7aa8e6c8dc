"""What a machine does at its worst: kills, full disks, power cuts, against the whole product."""
