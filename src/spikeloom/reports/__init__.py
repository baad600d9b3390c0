"""Result files in, one self-contained page of pictures out."""

from spikeloom.reports.page import write
from spikeloom.reports.showcase import showcase

__all__ = ["showcase", "write"]
