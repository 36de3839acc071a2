"""What a picture file says besides its pixels; pure readers that survive malformed input."""
