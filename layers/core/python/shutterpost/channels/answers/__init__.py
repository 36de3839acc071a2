"""Platform answers: reading them without raising, the type of the answer tables, and failures made from both."""
