"""The operator's side of the journal: what `erpmap queue` does, and how it is shown."""
