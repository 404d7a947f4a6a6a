"""What runs steps: processes of this machine, containers, or nothing at all (for tests)."""
