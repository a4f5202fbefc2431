"""Tests of registry-wizard; they read like the manual."""
