"""The program of a Talon worker that runs Python applications."""
