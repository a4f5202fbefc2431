"""Real Debian machines in namespaces of this one, made from Debian's packages alone."""
