"""What every pane draws with: words for numbers, signs that a terminal cannot obey, rows, bars and sparklines."""
