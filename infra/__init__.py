"""The AWS side of Shutterpost: a CDK app of one stack, and what runs it on a laptop."""
