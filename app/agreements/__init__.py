"""What people agree on before anyone watches."""
