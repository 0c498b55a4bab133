"""The terminal app: what is on screen, as a fold over the lines that processes speak."""
