"""Fitting what tagging applies."""
