"""A new run: its form, what it will take, and the way to a trainer."""
