"""The token inspector: what else could have stood there, and what each stage of the sampling made of it."""
