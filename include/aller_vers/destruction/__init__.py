"""What has served is destroyed, and the destruction is proven: purge, objections, their certificates."""
