"""What the node measures of its own work, and its report on /diagnostics."""
