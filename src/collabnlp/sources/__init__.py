"""Where documents come from: the manifest, the network, a mirror."""
