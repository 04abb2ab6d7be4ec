"""How much there is of what, and how much waits: numbers for those who look after the machine."""
