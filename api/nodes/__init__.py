"""Live reports of nodes."""
