"""The Lambda function `sync_status`."""

import shutterpost.runtime.cold_start  # noqa: F401 - first of all
