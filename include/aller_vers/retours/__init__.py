"""What the Cpam return: counts, read, kept with their history, judged, measured."""
