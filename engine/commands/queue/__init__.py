"""What `erpmap queue` does: show, change and clean the journal."""
