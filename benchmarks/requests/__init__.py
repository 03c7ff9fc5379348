"""What a request costs this process, against httpx alone. See benchmarks/README.md."""
