"""From a file's bytes to a `Document`."""
