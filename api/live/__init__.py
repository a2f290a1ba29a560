"""The board of now: who waits and who answers on every node, at once and whenever it changes."""
