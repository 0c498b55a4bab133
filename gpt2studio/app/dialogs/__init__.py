"""Questions over a screen: a line, a yes, a form, a file."""
