"""Drafting: the private facts of posts, and the end of drafts."""
