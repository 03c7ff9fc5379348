"""Types of all values of a mapping, from the sources to the payload, inferred from the files alone."""
