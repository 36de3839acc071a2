"""Rules of the chain that can be broken by hand, to show that the matrix notices: some of the simulation's.

make faults BREAK=look-before-acting   act on an unclear write without looking for what it left
make faults BREAK=state-before-write   publish without having written `publishing` first
make faults BREAK=unclear-is-unknown   settle as if no write were ever unclear
make faults BREAK=silence-is-not-no    take an unclear answer to a publish for a refusal, and try again
"""

from tests.simulation.breaks import RULES, broken

NAMES = ("look-before-acting", "state-before-write", "unclear-is-unknown", "silence-is-not-no")

__all__ = ["NAMES", "RULES", "broken"]
