"""What workers do, one file for each chain of jobs; importing a file registers its handlers."""
