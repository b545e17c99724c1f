"""Numbers of the advisory locks that this database knows. Each is held by one at a time."""

MIGRATING = 7_304_281_001
RECEIVING = 7_304_281_002
"""Held from the naming of an alert to its commit, so that ids rise in order of commit."""
ROUTING = 7_304_281_003
"""Held while jobs are made, and while an edit changes what jobs are made for."""
LEADING = 7_304_281_004
"""Held by the scheduler that leads, for as long as its connection lives."""
CHAINING = 7_304_281_005
"""Held while rows are chained, one process at a time."""
OPENING = 7_304_281_006
"""Held by an account's first order on paper: there is no row of it yet to be locked."""
