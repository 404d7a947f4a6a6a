"""Outputs of steps that ran before, found again by the content of what went into them."""
