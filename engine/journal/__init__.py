"""The record of events, deliveries and attempts, in SQL on SQLite or PostgreSQL."""
