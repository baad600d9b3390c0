"""What every other part rests on: parameters, units, spikes, generated kernels, random streams, errors; imports nothing of ours."""
