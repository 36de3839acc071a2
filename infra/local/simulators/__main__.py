"""`python -m infra.local.simulators --port-file PATH`."""

from infra.local.simulators.server import main

main()
