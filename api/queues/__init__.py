"""Queues: what the plan says of them, whether they are open, and who waits now."""
