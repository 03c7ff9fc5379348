"""What people see: tables, colour, receipts."""
