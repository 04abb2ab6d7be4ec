"""`make bench`: what Backrow promises about time, as ratios measured in one run on this machine."""
