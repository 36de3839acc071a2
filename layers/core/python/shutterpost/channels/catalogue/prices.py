"""What a platform charges; money in thousandths of a US dollar."""

from shutterpost.runtime.values import Value


class Prices(Value):
    """Prices in thousandths of a US dollar; one with a link replaces that of the `post`, one per `picture` is added."""

    post: int
    post_with_link: int
    picture: int

    def of_post(self, *, links: int, pictures: int) -> int:
        """The price of a post; each picture counts as one with an alt text."""
        return (self.post_with_link if links else self.post) + pictures * self.picture
