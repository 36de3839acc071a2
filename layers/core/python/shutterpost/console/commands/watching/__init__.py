"""Commands that go on until they are interrupted."""
