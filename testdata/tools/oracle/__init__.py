"""The parts of truth.py: inert values, containers, names."""
