"""Evidence in: lines of CEL and queue_log, parsed strictly, stored once."""
