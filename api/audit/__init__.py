"""Who changed or looked at what: an append-only chain in which every row vouches for the one before."""
