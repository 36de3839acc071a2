"""Syncing: remote statuses, reconciliation, connection health, runway and notices."""
