"""Files on disk: opened beneath folders that are allowed, and watched as they were read."""
