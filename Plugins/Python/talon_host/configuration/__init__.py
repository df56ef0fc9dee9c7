"""Configuration files that are Python: their settings, and their hooks."""
