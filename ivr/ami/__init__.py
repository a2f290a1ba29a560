"""Our link to Asterisk's manager interface; panoramisk is its transport."""
