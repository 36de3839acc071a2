"""The Lambda function `sync_status`."""
