"""What all layers may lean on; knows nothing of the domain."""
