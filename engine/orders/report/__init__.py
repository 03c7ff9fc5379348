"""Format findings, payloads and proofs for people and for programs."""
