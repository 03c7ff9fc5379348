"""From a stored event to a delivery that has ended: what is due, who does it, what is kept."""
