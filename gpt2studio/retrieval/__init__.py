"""A person's own texts, searched: the index, the ∞-gram, and the stitcher, which is a model without a network."""
