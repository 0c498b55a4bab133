"""Fine-tuning runs as seen from outside: recipes, events, logs, checkpoints, and the processes that make them."""
