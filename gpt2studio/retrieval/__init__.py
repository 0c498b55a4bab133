"""A person's own texts, searched and stitched: the suffix index, and the model without a network."""
