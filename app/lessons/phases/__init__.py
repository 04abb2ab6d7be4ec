"""Lesson phases: where one part of a lesson gives way to the next, as its teacher says."""
