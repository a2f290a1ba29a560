"""One person's data (export, erase), how long data is kept, legal holds, rotation of the key of numbers."""
