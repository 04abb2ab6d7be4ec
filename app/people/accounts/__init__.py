"""Signing in: passwords, devices, links that work once."""
