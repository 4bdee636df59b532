"""The networks: a module or a package per runtime, all with the protocol `core.network.Network`."""
