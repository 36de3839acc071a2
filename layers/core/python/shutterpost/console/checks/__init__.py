"""What `shutterpost doctor` and `watch` check."""
