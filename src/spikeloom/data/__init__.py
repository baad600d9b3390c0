"""Data sets, one per file, and the door for the user's own arrays and spikes."""

from spikeloom.data.base import Dataset
from spikeloom.data.catalogue import load, names
from spikeloom.data.digits import digits
from spikeloom.data.idx import read_idx
from spikeloom.data.labelled import as_dataset
from spikeloom.data.mnist import mnist
from spikeloom.data.split import stratified

__all__ = ["Dataset", "as_dataset", "digits", "load", "mnist", "names", "read_idx", "stratified"]
