"""The bodies that issue certificates, who signs for them, and what became of them. Institutions change; papers stay."""
