"""A stand-in Canvas, quirks included: `create_app(World.generate(seed=1))` in a test, `homeroom sandbox` as a process."""
