"""From a stored event to a finished delivery: routing, engines, worker, governors."""
