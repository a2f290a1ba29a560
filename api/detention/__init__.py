"""Reports of detentions: made from evidence or by hand, filled in by the plan's form, with an hour to name a lawyer."""
