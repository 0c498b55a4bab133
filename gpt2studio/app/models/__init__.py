"""The Models screen: what is at hand, and the work on models."""
