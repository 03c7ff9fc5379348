"""Node-RED as a peer of the service: one flow with the requests and the mapping of the bare script."""
