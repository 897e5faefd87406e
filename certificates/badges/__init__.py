"""The same certificate as an Open Badges 3.0 credential: for wallets, and for programs that know nothing of PDF."""
