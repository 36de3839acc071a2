"""Operating: what a person does to posts and connections."""
