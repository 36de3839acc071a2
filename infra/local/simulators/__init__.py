"""Simulated Instagram and Buffer for tests and the demo, from the platforms' documentation and recorded answers.

Imports nothing of the product, so that an adapter's error does not recur here.
"""

from infra.local.simulators.client import Simulators, running_simulators

__all__ = ["Simulators", "running_simulators"]
