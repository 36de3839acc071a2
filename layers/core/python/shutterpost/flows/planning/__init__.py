"""Planning: when posts go out - times, slots, limits and the timers that start them."""
