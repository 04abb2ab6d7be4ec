"""Backups of a whole installation, and bringing one back: rows as one moment saw them, and every object they name.

Rows are copied table by table in one transaction, not by PostgreSQL's own dump: what comes back has to fit a database
whose roles have other names (embedded or somebody's own), whose tables lie behind the wall between alliances, and
which has to know what was erased since in the very transaction that brings the rows back. Tables, rules and rights
come from the migrations, never from a backup.
"""
