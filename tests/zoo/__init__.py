"""A zoo of broken registries: real nginx, real docker-registry, each with exactly one fault."""
