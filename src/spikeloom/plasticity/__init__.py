"""Local plasticity: rules that change a synapse by what happens at it."""

from spikeloom.plasticity.base import Ambient, Factor, Filtered, Plasticity, Shaped, Signal, Trace, Wrapper
from spikeloom.plasticity.bcm import BCM
from spikeloom.plasticity.centred_stdp import CentredSTDP
from spikeloom.plasticity.clopath import Clopath
from spikeloom.plasticity.correlation_stdp import CorrelationSTDP
from spikeloom.plasticity.covariance import Covariance
from spikeloom.plasticity.covariance_stdp import CovarianceSTDP
from spikeloom.plasticity.decaying import Decaying
from spikeloom.plasticity.diehl_cook_stdp import DiehlCookSTDP
from spikeloom.plasticity.dual_process import DualProcess
from spikeloom.plasticity.fixed import Fixed
from spikeloom.plasticity.gated import Gated
from spikeloom.plasticity.graupner_brunel import GraupnerBrunel
from spikeloom.plasticity.habituating import Habituating
from spikeloom.plasticity.hebb import Hebb
from spikeloom.plasticity.homosynaptic import Homosynaptic
from spikeloom.plasticity.inhibitory_stdp import InhibitorySTDP
from spikeloom.plasticity.keep_sign import KeepSign
from spikeloom.plasticity.late_ltp import LateLTP
from spikeloom.plasticity.modulated import Modulated
from spikeloom.plasticity.nmda_spine import NMDASpine
from spikeloom.plasticity.normalised import Normalised
from spikeloom.plasticity.oja import Oja
from spikeloom.plasticity.order_stdp import OrderSTDP
from spikeloom.plasticity.pair_stdp import PairSTDP
from spikeloom.plasticity.reduced_stdp import ReducedSTDP
from spikeloom.plasticity.sanger import Sanger
from spikeloom.plasticity.scaled import Scaled
from spikeloom.plasticity.score_function import ScoreFunction
from spikeloom.plasticity.sensory_terminal import SensoryTerminal
from spikeloom.plasticity.spiking_pca import SpikingPCA
from spikeloom.plasticity.structure import Calcium, Elements, GaussianGrowth, Growing, LinearGrowth, Structure
from spikeloom.plasticity.summed import Summed
from spikeloom.plasticity.triplet_stdp import TripletSTDP
from spikeloom.plasticity.van_rossum_stdp import VanRossumSTDP
from spikeloom.plasticity.window_stdp import WindowSTDP

__all__ = [
    "BCM",
    "Ambient",
    "Calcium",
    "CentredSTDP",
    "Clopath",
    "CorrelationSTDP",
    "Covariance",
    "CovarianceSTDP",
    "Decaying",
    "DiehlCookSTDP",
    "DualProcess",
    "Elements",
    "Factor",
    "Filtered",
    "Fixed",
    "Gated",
    "GaussianGrowth",
    "GraupnerBrunel",
    "Growing",
    "Habituating",
    "Hebb",
    "Homosynaptic",
    "InhibitorySTDP",
    "KeepSign",
    "LateLTP",
    "LinearGrowth",
    "Modulated",
    "NMDASpine",
    "Normalised",
    "Oja",
    "OrderSTDP",
    "PairSTDP",
    "Plasticity",
    "ReducedSTDP",
    "Sanger",
    "Scaled",
    "ScoreFunction",
    "SensoryTerminal",
    "Shaped",
    "Signal",
    "SpikingPCA",
    "Structure",
    "Summed",
    "Trace",
    "TripletSTDP",
    "VanRossumSTDP",
    "WindowSTDP",
    "Wrapper",
]
