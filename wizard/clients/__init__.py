"""Machines that trust the registry: what is there, what to put where, and whether it works."""
