"""The only layer that prints, exits or configures logging."""
