"""A service for X-Road (Tunduk): what other states' bodies ask the register, through our own Security Server only."""
