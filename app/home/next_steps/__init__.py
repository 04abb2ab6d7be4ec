"""What's next for me: one step large, a few after it, who I wait for, and what came in."""
