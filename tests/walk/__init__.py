"""The walk, as a user takes it: whole commands, real registries, real container engines."""
