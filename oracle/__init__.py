"""Upstream's distribution as an oracle: installed apart, run, compared with, never read."""
