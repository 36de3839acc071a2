"""`python -m shutterpost.console`."""

from shutterpost.console.app import main

main()
