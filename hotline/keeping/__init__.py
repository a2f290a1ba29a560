"""Keeping a line: backup, restore, first settings, services of the machine."""
