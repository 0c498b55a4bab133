"""The surprise map: how (un)likely every word was to the model, shaded over the page."""
