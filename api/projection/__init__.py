"""Calls folded from evidence: pure functions, and the one place that writes their rows."""
