"""ASGI 3.0: https://asgi.readthedocs.io/en/latest/specs/"""
