"""The verb `erpmap ledger`."""
