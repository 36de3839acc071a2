"""Platform answers, read without raising, and the failures made from them."""
