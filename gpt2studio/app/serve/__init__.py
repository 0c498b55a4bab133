"""The model served to friends, from inside the app."""
