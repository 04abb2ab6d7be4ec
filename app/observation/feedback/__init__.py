"""Feedback: released together, answered by the teacher."""
