"""Moving schedules and whole posts to other times."""
