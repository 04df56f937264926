"""From units to tags."""
