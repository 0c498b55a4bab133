"""The trainer: a process that works on one run."""
