"""The Canvas client: the only code that knows Canvas's addresses and field names."""
