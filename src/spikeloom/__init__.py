"""Spikeloom: learning with spikes."""

import lazy_loader

__version__ = "0.1.0"

# What there is stands in __init__.pyi; a name is imported when it is used, so that `spikeloom --help` does not wait for torch.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
