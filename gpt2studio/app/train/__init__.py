"""The Train screen: the runs, and one of them in full."""
