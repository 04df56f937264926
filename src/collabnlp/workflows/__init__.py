"""The only layer that joins stages."""
