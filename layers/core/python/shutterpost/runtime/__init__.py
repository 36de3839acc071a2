"""What every pack stands on: settings, clock, telemetry, AWS clients, the transaction and problem documents."""
