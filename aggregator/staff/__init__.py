"""Who may use the console: accounts, passwords, sessions, in a small database of their own."""
