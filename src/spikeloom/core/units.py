"""The field's consistent set of units, as plain floats: ms, mV, pA, pF, nS, GOhm; of substances: um, nM.

In this set every product comes out right without a factor: pA x GOhm = mV, pF x GOhm = ms, nS x mV = pA.
``20 * ms`` is the float 20.0 and ``1 * second`` is 1000.0; a rate ``10 * Hz`` is 0.01 per ms.
"""

ms = 1.0
us = 1e-3
second = 1e3
minute = 6e4
Hz = 1e-3
kHz = 1.0
mV = 1.0
uV = 1e-3
V = 1e3
pA = 1.0
nA = 1e3
uA = 1e6
pF = 1.0
nF = 1e3
nS = 1.0
uS = 1e3
GOhm = 1.0
MOhm = 1e-3
um = 1.0
mm = 1e3
nM = 1.0
uM = 1e3
