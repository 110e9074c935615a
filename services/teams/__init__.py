"""Teams: made by hand, pulled from Canvas, planned, pushed back.

Every comparison knows three sides: what the last pull or push saw in Canvas (`Team.seen`), what is here now (live
memberships) and what is there now. Whoever changed something is the one who differs from what was seen.
"""
