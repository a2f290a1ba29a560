"""The commands of `hotline`, one module a group; each only reads its options, calls the rest and prints."""
