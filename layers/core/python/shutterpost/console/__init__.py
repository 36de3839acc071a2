"""The operator's command line: `shutterpost`, or `python -m shutterpost.console`. Never part of the built layer."""
