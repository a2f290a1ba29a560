"""Reports: figures over the call log, each with its formula beside it."""
