"""`hotline doctor --security`: what is seen of a running line (`looking`), and the rules that judge it (`rules`)."""
