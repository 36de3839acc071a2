"""The Lambda function `import_photos`."""

import shutterpost.runtime.cold_start  # noqa: F401 - first of all
