"""Stories as a whole: begun, opened, named, saved, exported."""
