"""Other people's files, as records of name, number type, shape and bytes."""
