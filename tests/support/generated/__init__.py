"""Orders of the two example tenants made at random, and the independent truth they are held against."""
