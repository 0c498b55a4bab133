"""The Write screen: the page, the story on it, and the model writing into it."""
