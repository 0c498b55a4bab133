"""How the model is to go on: the settings, their presets, and the dials that turn them."""
