"""The scheduling pack's table `posts`: the only place of this pack that knows PynamoDB."""
