"""Spikeloom: learning with spikes."""

import lazy_loader

__version__ = "0.1.0"

# The names stand in __init__.pyi, and are imported when they are used: `spikeloom --help` need not wait for torch.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
