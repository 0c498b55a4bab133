"""GPT-2 itself: the network, the cache, the next token, scoring; and the process that serves them."""
