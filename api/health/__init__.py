"""Whether the api lives, and whether the line works."""
