"""What a finding means, why it matters, and what to do, with a wrong and a right example."""
