"""Does what takes long: the jobs that web pages leave behind."""
