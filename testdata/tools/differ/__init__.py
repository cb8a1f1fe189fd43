"""The parts of differ.py: mutations, and the child that runs torch."""
