"""We as OAuth 2.0 authorization server for machines: who may ask our API, for what, and until when."""
