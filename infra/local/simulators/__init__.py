"""Simulated Instagram and Buffer for tests and the demo on a laptop.

Written from the platforms' own documentation and recorded answers, and importing nothing of the product, so that an
adapter's error cannot hide in its twin.
"""

from infra.local.simulators.client import Simulators, running_simulators

__all__ = ["Simulators", "running_simulators"]
