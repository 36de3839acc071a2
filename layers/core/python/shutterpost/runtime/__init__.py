"""Shared by all packs: settings, clock, telemetry, AWS clients, tables, transactions and refusals."""
