"""The figures of the report, one per file; :mod:`spikeloom.reports.page` finds them here."""
