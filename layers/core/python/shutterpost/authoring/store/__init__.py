"""The table `authoring`: the only place in this pack that uses PynamoDB."""
