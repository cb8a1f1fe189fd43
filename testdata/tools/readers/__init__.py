"""Archives that readers take apart in different ways: see readers.py."""
