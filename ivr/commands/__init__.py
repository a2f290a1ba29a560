"""What the api tells this node to do now: each command is done once, or not at all."""
