"""Counts and searches over units and tags."""
