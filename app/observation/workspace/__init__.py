"""The lesson workspace: one page with the film, the moments and what may be done next."""
