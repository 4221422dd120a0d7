"""Lots: what a Caf receives, how it is written to the share, and how it is read back."""
