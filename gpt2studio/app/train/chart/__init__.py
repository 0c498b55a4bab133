"""The loss chart: a run of any length in one glance."""
