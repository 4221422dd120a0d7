"""The laptop: everything that ``make run`` starts and stops; never used in production."""
