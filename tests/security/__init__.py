"""What attackers try, tried."""
