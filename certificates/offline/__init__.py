"""Certificates checked without a network: a signed summary in a QR code, a signed list of what holds, and who believes them."""
