"""How many requests one principal, or one address of somebody unknown, may send."""
