"""The store: tables, transactions, one file of queries per noun, media files, sealed secrets. Synchronous."""
