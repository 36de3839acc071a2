"""Records: the calendar, plan files, and what was posted before."""
