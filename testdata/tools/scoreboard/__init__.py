"""What pickle scanners find, and how long they take: see scoreboard.py."""
