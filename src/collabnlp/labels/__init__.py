"""Readings of units, kept apart from the texts they are about."""
