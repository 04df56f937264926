"""The reviewers' local page: one unit at a time, saved before it moves on."""
