"""Which changes of the deciding modules no test notices."""
