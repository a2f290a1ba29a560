"""Recordings: which there are of a call, and listening to them; each listening leaves a row in the audit."""
