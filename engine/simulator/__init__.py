"""NewStore and NetSuite as small honest servers on loopback, with their traps and faults on demand."""
