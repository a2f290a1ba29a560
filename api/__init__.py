"""The call log: evidence in, calls and health out; sole owner of the database."""
