"""A tenant's own schemas, pulled: fetched from its systems, compared with the stored ones, and written."""
