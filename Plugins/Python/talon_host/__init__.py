"""The program of a Talon worker that runs Python applications."""

__version__ = "0.1.0"
