"""The composition root and the command line; it holds no rules of its own."""
