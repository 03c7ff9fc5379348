"""A tenant's YAML becomes plans, or every reason why not."""
