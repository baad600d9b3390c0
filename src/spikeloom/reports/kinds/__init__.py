"""The kinds of runs, one per file: what their files must hold, and what their page says; the report finds them here."""
