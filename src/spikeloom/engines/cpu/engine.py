"""The cpu engine."""

from __future__ import annotations

from typing import Any, ClassVar, final

from spikeloom.engines.base import Engine
from spikeloom.network import Network


@final
class CpuEngine(Engine):
    name: ClassVar[str] = "cpu"

    def refuses(self, net: Network) -> str | None:
        return "its kernels are being written"

    def run(self, net: Network, inputs: Any, state: Any = None, *, record: Any = (), surrogate: Any = None) -> Any:
        raise AssertionError("refused")
