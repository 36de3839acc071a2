"""Request bodies: the flows' requests without unknown fields, and with bounds that keep keys within DynamoDB's.

A model has the name of its operation in the OpenAPI document.
"""
