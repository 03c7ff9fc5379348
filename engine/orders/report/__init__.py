"""What people and programs see: findings, payloads and proofs in several formats."""
