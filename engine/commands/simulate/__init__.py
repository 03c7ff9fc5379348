"""The verb `erpmap simulate`."""
