"""The scheduling pack's table `posts`: the only place in this pack that uses PynamoDB."""
