"""The AWS side of Shutterpost: a CDK app of two stacks, and what runs it on a laptop."""
