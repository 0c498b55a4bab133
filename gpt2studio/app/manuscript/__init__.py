"""The manuscript: an editor in which the person's words and the model's stand in different ink."""
