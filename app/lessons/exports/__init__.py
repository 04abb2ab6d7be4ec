"""Exports: a stretch of a lesson as a file of its own, for whom both protocols let it be."""
