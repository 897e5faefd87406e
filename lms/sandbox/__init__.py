"""A small but real LTI 1.3 platform, to try the tool and to test it. Shares no code with the tool's own LTI room."""
