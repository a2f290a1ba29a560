"""The service's own metrics for Prometheus, on loopback; nothing in them tells of a person."""
