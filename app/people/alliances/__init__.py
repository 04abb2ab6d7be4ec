"""An alliance and its schools."""
