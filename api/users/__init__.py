"""People who use the call log: names, roles, passwords."""
