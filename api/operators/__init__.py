"""Operators: who the plan says they are, and what they do now."""
