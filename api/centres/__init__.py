"""Centres of free legal aid: the plan's, with the dates between which each is the one of its region."""
