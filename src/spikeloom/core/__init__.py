"""What every other part rests on: parameters, units, spikes, kernels, random streams, errors."""
