"""The call log: lists and journeys."""
