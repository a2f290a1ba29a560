"""What should happen to a call and why: the plan, its calendars, menus, decisions and their proof. Pure."""
