"""Lines of JSON between processes: what may be asked, what is answered, and how a line is read."""
