"""Ways of staying able to learn: shrinking, and renewing channels that do nothing."""
