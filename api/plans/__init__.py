"""Versions of the plan: published, rolled back, read and rehearsed."""
