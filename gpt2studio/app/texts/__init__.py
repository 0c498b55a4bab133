"""A person's own texts beside the page: where stitched words come from, and “Is this mine?”."""
