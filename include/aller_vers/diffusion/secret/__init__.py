"""Statistical secret: which cells of the published grid are hidden, so that no small count can be found again."""
