"""Switches by telephone: an operator keys a PIN and closes, opens or resets the own office's queue."""
