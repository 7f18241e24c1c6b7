"""What cells run in: environments, their locks, kernels, prefork servers."""
