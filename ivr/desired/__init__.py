"""What the api wants of this node (plan version, overrides), and how the node takes it."""
