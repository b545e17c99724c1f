"""From everything that is kept of an alert to what it caused, told in order."""
