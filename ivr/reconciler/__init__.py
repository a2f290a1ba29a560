"""Keeps what Asterisk shows of operators true: what a crash lost comes back, what hangs is freed, or an alarm tells."""
