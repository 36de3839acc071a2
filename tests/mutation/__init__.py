"""Which changes of the deciding modules no unit test notices."""
