"""The live channel: what open pages are told, each event asked of the policy as it is sent."""
