"""The Lambda function `import_photos`."""
