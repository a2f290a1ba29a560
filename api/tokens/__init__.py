"""API tokens of machines: made, listed, revoked; kept as digests only."""
