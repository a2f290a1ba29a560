"""`/metrics` for Prometheus: what is counted and how it is now; nothing in it tells of a person."""
