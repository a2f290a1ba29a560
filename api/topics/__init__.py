"""What calls were about: operators choose a topic of the plan's tree; reports count them."""
