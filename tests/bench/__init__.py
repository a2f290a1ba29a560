"""Measurements, each beside a goal or another library in the same run: `make bench`. Nothing here is a test."""
