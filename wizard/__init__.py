"""The engine of registry-wizard: answers and facts in, a verified registry out."""
