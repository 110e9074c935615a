"""How documents are executed: a list of rows at a time."""
