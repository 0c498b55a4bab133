"""Finding in the manuscript, and replacing."""
