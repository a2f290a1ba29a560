"""The audio of spoken texts: made from the plan, named by content, put where Asterisk plays it."""
