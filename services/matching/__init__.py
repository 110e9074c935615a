"""Who is who: the published name score, an exact one-to-one assignment, and the evidence that grades it.

Plain values in and out, no database and no Canvas, so that a report can be made in a process of its own.
"""
