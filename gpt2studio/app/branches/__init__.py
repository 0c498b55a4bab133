"""The tree of every branch of a story, and two of them side by side."""
