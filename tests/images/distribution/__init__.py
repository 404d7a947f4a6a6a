"""Tests of what talks to registries."""
