"""The Lambda function `schedule_post`."""
