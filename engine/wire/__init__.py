"""HTTP with bounds: one deadline for each exchange, answers of limited size, no redirects; webhooks.

A failed exchange raises NoAnswerError, which says whether the request may have been sent. Each module is
imported by its name: what an operator grants is read by every command, and most commands send nothing.
"""
