"""The attacker's catalogue: see ../attacks.py.

A module for each kind of technique. Importing the package fills kit.TECHNIQUES.
"""
