"""Staff sign in by OpenID Connect: whoever administers, and what each may do."""
