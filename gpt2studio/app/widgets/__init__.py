"""The panes of the studio: each draws an immutable value and posts what a person does to it."""
