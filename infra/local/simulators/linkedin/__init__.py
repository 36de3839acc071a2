"""LinkedIn: sign-in, images, and the posts of members and organizations."""
