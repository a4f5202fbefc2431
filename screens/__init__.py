"""The face of registry-wizard."""
