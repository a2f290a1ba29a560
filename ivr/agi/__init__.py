"""Our FastAGI server: a parser without input or output, sessions, routes. It knows nothing of menus or plans."""
