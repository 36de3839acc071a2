"""The parts the two stacks are made of."""
