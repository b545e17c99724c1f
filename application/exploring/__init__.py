"""One bot over and over with other settings: which of them hold, and which only fitted."""
