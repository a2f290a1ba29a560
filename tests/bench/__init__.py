"""Measurements, printed beside a goal or beside another library in the same run. `make bench`; nothing here is a test."""
