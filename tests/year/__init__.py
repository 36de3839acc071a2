"""A year of one deployment in simulated time, with faults every day and a person who reads only mails."""
