"""Captions: what is said in a lesson, to be read; brought by its teacher, and mended here."""
