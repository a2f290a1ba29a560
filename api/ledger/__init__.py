"""The ledger: witnesses of calls beside the call log, and every difference by name."""
