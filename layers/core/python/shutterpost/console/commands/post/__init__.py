"""`shutterpost post`: schedules, changes and follows posts."""
