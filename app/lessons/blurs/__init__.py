"""A blurred copy of a lesson: chosen, previewed, made, looked over, and then served instead of the film."""
