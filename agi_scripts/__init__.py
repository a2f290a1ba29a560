"""Small executables that Asterisk itself runs when the service does not answer."""
