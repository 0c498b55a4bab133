"""Models on disk: what is installed, what a name means, what can be fetched."""
