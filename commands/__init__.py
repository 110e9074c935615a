"""The verbs of the `homeroom` command, one module per noun."""
