"""Every line of text that Asterisk reads, and the names that all parts share with it."""
