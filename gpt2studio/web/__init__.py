"""The model in a browser: a page to write on with it, and OpenAI's completions interface."""
