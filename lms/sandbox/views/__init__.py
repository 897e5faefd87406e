"""The doors of the sandbox: OpenID Connect and keys, grade services, and pages for people."""
