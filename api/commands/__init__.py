"""Commands to nodes: sent once, never repeated, over when they are old."""
