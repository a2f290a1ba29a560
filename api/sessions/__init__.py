"""Sessions of people in browsers: login with its limits, logout."""
