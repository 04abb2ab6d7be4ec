"""The directory: who is in the alliance, how they are invited and join, and how their time at a school ends."""
