"""What the service does for callers who wait: keys, closing time, help from other offices, waiting time given back."""
