"""The language server: findings, completion, hover and the rest of what an editor shows of mappings."""
