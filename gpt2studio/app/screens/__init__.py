"""The studio's screens, each with its rules beside it."""
