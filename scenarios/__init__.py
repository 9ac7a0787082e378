"""What happens, and when: scenarios and the tables that they may name. Pure data."""
