"""DynamoDB in process, called where botocore would send: fast enough for thousands of histories."""

from tests.simulation.dynamodb.tables import DynamoDb, Refused

__all__ = ["DynamoDb", "Refused"]
