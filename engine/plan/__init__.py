"""A spec compiled: expressions parsed, types known, all static checks made."""
