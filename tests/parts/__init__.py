"""The real parts that tests run against: registries, container engines, interpreters."""
