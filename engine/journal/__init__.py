"""The record of all of it: events, deliveries, attempts; SQL, on SQLite or PostgreSQL."""
