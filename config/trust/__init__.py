"""The trust report: each promise to teachers and pupils, whether it is kept, and how that was seen."""
