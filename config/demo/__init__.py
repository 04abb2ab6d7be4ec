"""An invented alliance to look round in: five schools, a dozen people, projects in every state."""
