"""The Lambda function `post_next_best`."""
