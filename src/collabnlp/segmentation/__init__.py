"""From a `Document` to its units."""
