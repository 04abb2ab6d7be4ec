"""Why somebody may, or may not: the policy's own conditions, asked one by one."""
