"""Manual overrides: set, listed, cleared; each ends by itself."""
