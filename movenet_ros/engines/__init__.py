"""Runtimes of the networks: a module or package each, with the protocol `core.network.Network`."""
