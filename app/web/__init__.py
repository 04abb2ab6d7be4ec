"""Everything that knows Flask: guard, transactions, forms, errors, and the kit of templates."""
