"""The operator's command line: `shutterpost`, or `python -m shutterpost.console`. Not part of any Lambda layer."""

from typing import Any

# A JSON object as the API returns it.
Json = dict[str, Any]
